/** The cells of a CSV file as RFC 4180 reads them, line by line. Throws where it is no such file. */
export function readCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  let rest = text;
  while (rest !== '') {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (!match) throw new Error(`this is no CSV: ${JSON.stringify(rest.slice(0, 100))}`);
    const [whole, quoted, plain = '', end] = match;
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') lines.push([]);
    rest = rest.slice(whole.length);
  }
  if (lines.pop()!.length > 0) throw new Error('the last line has no end');
  return lines;
}
