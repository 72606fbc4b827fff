type Query = Readonly<Record<string, string | undefined>>;

/** The `Link` header that leads to the page at `nextCursor` of the same query; no header at the end. */
export function linkToNext(path: string, query: Query, nextCursor: string | null): Record<string, string> {
  return nextCursor === null ? {} : linkTo(path, { ...query, cursor: nextCursor });
}

/** The `Link` header that says that the next page is the answer to this query. */
export function linkTo(path: string, query: Query): Record<string, string> {
  const stated = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { Link: `<${path}?${new URLSearchParams(stated).toString()}>; rel="next"` };
}
