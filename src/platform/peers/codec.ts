/** What JSON has no way to say. */
interface Marked {
  readonly $: 'undefined' | 'date' | 'number' | 'object';
  readonly is?: unknown;
}

/** The value as JSON, with dates, with numbers that are none or infinite, and with what is undefined. */
export function encode(value: unknown): string {
  return JSON.stringify(mark(value));
}

/** The value that `encode` was given. Throws where the text is not what `encode` returns. */
export function decode(text: string): unknown {
  return unmark(JSON.parse(text));
}

function mark(value: unknown): unknown {
  if (value === undefined) return { $: 'undefined' } satisfies Marked;
  if (typeof value === 'number' && !Number.isFinite(value)) return { $: 'number', is: String(value) } satisfies Marked;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return { $: 'date', is: value.getTime() } satisfies Marked;
  if (Array.isArray(value)) return value.map(mark);
  const marked: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    set(marked, name, mark(each));
  }
  return '$' in value ? ({ $: 'object', is: marked } satisfies Marked) : marked;
}

/** Changes what was parsed, which nobody else has. */
function unmark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!('$' in value)) return unmarkMembers(value);
  const { $, is } = value as Marked;
  if ($ === 'undefined') return undefined;
  if ($ === 'number') return Number(is);
  if ($ === 'date') return new Date(Number(is));
  return unmarkMembers(Object(is) as object);
}

function unmarkMembers(value: object): unknown {
  for (const [name, each] of Object.entries(value)) {
    if (typeof each === 'object' && each !== null) set(value as Record<string, unknown>, name, unmark(each));
  }
  return value;
}

function set(to: Record<string, unknown>, name: string, value: unknown): void {
  // An assignment to it would make no member.
  if (name === '__proto__')
    Object.defineProperty(to, name, { value, enumerable: true, configurable: true, writable: true });
  else to[name] = value;
}
