/** Returns what is wrong with a value, such as "is a string, not a finite number"; undefined where nothing is. */
export type Check = (value: unknown) => string | undefined;

/** The fields that a document may have, each with its check. */
export type Shape = Readonly<Record<string, Check>>;
export type Fields = Readonly<Record<string, unknown>>;

/** A check that says what it expects. */
function is(expected: string, holds: (value: unknown) => boolean): Check {
  return (value) => (holds(value) ? undefined : isNot(value, expected));
}

function isNot(value: unknown, expected: string): string {
  return value === undefined ? 'is missing' : `is ${kindOf(value)}, not ${expected}`;
}

const HEX_DIGITS = /^[0-9a-f]{24}$/i;
const isObjectId = (value: unknown) => bsonTypeOf(value) === 'ObjectId';

/** The same limit as for the capacity of a new event. */
const MOST_TICKETS = 1_000_000_000;

export const anId = is('an ObjectId', isObjectId);
export const anIdOrItsDigits = is(
  'an ObjectId or its 24 hex digits',
  (value) => isObjectId(value) || (typeof value === 'string' && HEX_DIGITS.test(value)),
);
export const text = is('a string', (value) => typeof value === 'string');
export const finite = is('a finite number', Number.isFinite);
export const date = is('a date of the years 0 to 9999', (value) => value instanceof Date && !isOutOfRange(value));

/** A number of tickets. It may be a fraction: the Express API does not forbid it. */
export const tickets =
  (min: number): Check =>
  (value) => {
    const fault = finite(value);
    if (fault !== undefined) return fault;
    if (Number(value) < min) return `is less than ${min}`;
    return Number(value) > MOST_TICKETS ? `is more than ${MOST_TICKETS}` : undefined;
  };

export const oneOf = (...texts: readonly unknown[]) => is(texts.join(' or '), (value) => texts.includes(value));

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

export const nullable =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null ? undefined : check(value);

/** An array with at least `min` elements, each of them an object without a fault. */
export function listOf(min: number, findFault: (fields: Fields) => string | undefined): Check {
  return (value) => {
    if (!Array.isArray(value)) return isNot(value, 'an array');
    if (value.length < min) return 'is empty';
    for (const element of value as readonly unknown[]) {
      const fault = isFields(element) ? findFault(element) : `it ${isNot(element, 'an object')}`;
      if (fault !== undefined) return `has a wrong element: ${fault}`;
    }
    return undefined;
  };
}

/** The first field that fails its check, and why; undefined where all of them pass. */
export function faultIn(fields: Fields, shape: Shape): string | undefined {
  for (const [name, check] of Object.entries(shape)) {
    const fault = check(fields[name]);
    if (fault !== undefined) return `\`${name}\` ${fault}`;
  }
  return undefined;
}

const NAME_LENGTH_SHOWN = 40;

/** As `faultIn`, and no field may stand beside those of the shape. */
export function faultInAll(fields: Fields, shape: Shape): string | undefined {
  const fault = faultIn(fields, shape);
  if (fault !== undefined) return fault;
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(shape, name));
  if (unknown === undefined) return undefined;
  return `${JSON.stringify(unknown.slice(0, NAME_LENGTH_SHOWN))} is no field of the Express API`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return isOutOfRange(value) ? 'a date out of range' : 'a date';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  const name = bsonTypeOf(value) ?? typeof value;
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Dates are shown in ISO 8601, whose years have four digits. */
function isOutOfRange(value: Date): boolean {
  const year = value.getUTCFullYear();
  return Number.isNaN(year) || year < 0 || year > 9999;
}

/** What the driver calls a value that JavaScript has no type for. */
function bsonTypeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('_bsontype' in value)) return undefined;
  return String(value._bsontype);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
