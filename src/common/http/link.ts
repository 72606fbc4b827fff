/** The `Link` header that leads to the page at `nextCursor` of the same query; no header at the end. */
export function linkToNext(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  nextCursor: string | null,
): Record<string, string> {
  if (nextCursor === null) return {};
  const stated = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const next = new URLSearchParams({ ...Object.fromEntries(stated), cursor: nextCursor });
  return { Link: `<${path}?${next.toString()}>; rel="next"` };
}
