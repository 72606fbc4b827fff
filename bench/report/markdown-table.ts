export type Line = readonly string[];

/** A table of Markdown whose columns are aligned for a terminal too. */
export function toTable(head: Line, lines: readonly Line[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, ...[head, ...lines].map((line) => (line[column] ?? name).length)),
  );
  const write = (line: Line) => `| ${widths.map((width, column) => (line[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [write(head), rule, ...lines.map(write)].join('\n');
}
