/** The path alone: a query may say who the user is. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
