/** Whether `text` has more than so many characters (code points). */
export function isLongerThan(maxLength: number, text: string): boolean {
  // A code point is one or two of the units that `length` counts.
  if (text.length <= maxLength) return false;
  return text.length > 2 * maxLength || [...text].length > maxLength;
}

/** The first so many characters (code points) of `text`. */
export function startOf(text: string, length: number): string {
  return text.length <= length ? text : [...text.slice(0, 2 * length)].slice(0, length).join('');
}

/** A regular expression, as text, that matches `text` and nothing else. */
export function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** The same for texts that a reader takes for the same: NFKC, case folded, without invisible characters and spare spaces. */
export function toComparable(text: string): string {
  const folded = foldCase(text.replace(INVISIBLE, '').normalize('NFKC')).normalize('NFKC');
  return folded.replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
}

/** Unicode's full case folding. Dotless ı is a letter of its own there, whose capital is an I all the same. */
function foldCase(text: string): string {
  return text.replace(/[^ı]+/gu, (part) => part.toLowerCase().toUpperCase().toLowerCase());
}
