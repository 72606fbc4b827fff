/** The JSON Pointer to `member` of what `parent` points to, as a URI fragment (RFC 6901, 6). */
export function toPointer(parent: string, member: string): string {
  const token = member.replaceAll('~', '~0').replaceAll('/', '~1');
  return `${parent}/${encodeURI(token.toWellFormed()).replaceAll('#', '%23')}`;
}
