/** Whether an `If-None-Match` header already names `etag`: `*`, or one of a list, weak or strong (RFC 9110, 13.1.2). */
export function isNoneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/**
 * The versions that an `If-Match` header names: the part of each ETag before the dash. Undefined for `*`, any version; null
 * for a header that names none (RFC 9110, 13.1.1). An ETag may have become weak on its way.
 */
export function versionsOf(header: string): readonly number[] | undefined | null {
  if (header.trim() === '*') return undefined;
  const tags = header.split(',').map((tag) => /^(?:W\/)?"(\d{1,15})(?:-\d+)?"$/.exec(tag.trim())?.[1]);
  return tags.every((version) => version !== undefined) ? tags.map(Number) : null;
}
