/** A spreadsheet takes a cell that begins so for a formula, or for the start of one in the next cell. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const TO_QUOTE = /[",\r\n]/;

/** For the start of a file: without it, some spreadsheets do not read UTF-8. */
export const BYTE_ORDER_MARK = '\ufeff';

/** A line of a CSV file with its end (RFC 4180). An undefined cell is empty. */
export function toCsvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map((cell) => quote(String(cell ?? ''))).join(',')}\r\n`;
}

/** A text that others wrote, for a cell: with an apostrophe in front where a spreadsheet would take it for a formula. */
export function toHarmlessText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quote(cell: string): string {
  return TO_QUOTE.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
