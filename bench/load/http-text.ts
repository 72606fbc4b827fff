/** A POST as it goes over the wire: the least HTTP that works, so that most of the machine is left to the server. */
export function postText(
  path: string,
  content: object,
  key?: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const body = JSON.stringify(content);
  const headers = [
    `POST ${path} HTTP/1.1`,
    'Host: bench',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
    ...Object.entries(more).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

/** Where an answer ends, by its Content-Length; undefined while its headers are not complete. */
export function endOfAnswer(text: string): number | undefined {
  const headersEnd = text.indexOf('\r\n\r\n');
  if (headersEnd < 0) return undefined;
  return headersEnd + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
}

export function statusOf(answer: string): number {
  return Number(answer.slice(9, 12));
}
