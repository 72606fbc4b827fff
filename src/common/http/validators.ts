import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams, Type } from 'class-transformer';
import { Matches, ValidateBy, ValidateIf } from 'class-validator';
import type { Instant } from '../clock.js';
import { METADATA_PAIRS_MAX } from '../pairs.js';
import { isLongerThan } from '../text.js';

const VISIBLE = /[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
/** Controls, line separators, and what embeds, overrides or isolates a direction; not the joiners of emoji and Persian. */
const UNRULY = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A string of 1 to `maxLength` characters of which one can be seen at least, and that survives being stored as UTF-8. */
export function IsText(maxLength: number): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isText',
      validator: {
        validate: (value) => typeof value === 'string' && VISIBLE.test(value) && isStorable(value),
        defaultMessage: (args) => `${args?.property} must be a string that is not blank`,
      },
    }),
    ValidateBy({
      name: 'maxLength',
      validator: {
        validate: (value) => typeof value === 'string' && !isLongerThan(maxLength, value),
        defaultMessage: (args) => `${args?.property} must be shorter than or equal to ${maxLength} characters`,
      },
    }),
    ApiProperty({ minLength: 1, maxLength }),
  );
}

/** A text that others read: no character breaks its line, or turns the direction of what stands around it. */
export function IsName(maxLength: number): PropertyDecorator {
  return applyDecorators(
    IsText(maxLength),
    ValidateBy({
      name: 'isName',
      validator: {
        validate: (value) => typeof value === 'string' && !UNRULY.test(value),
        defaultMessage: (args) => `${args?.property} must not contain control characters or bidi overrides`,
      },
    }),
  );
}

const USER_ID_LENGTH_MAX = 128;
const REFERENCE_LENGTH_MAX = 128;
const METADATA_LIMITS = { pairs: METADATA_PAIRS_MAX, keyLength: 64, valueLength: 256 };

/** A user, as the shop names them. */
export function IsUserId(): PropertyDecorator {
  return IsText(USER_ID_LENGTH_MAX);
}

/** The shop's own name for something of ours. */
export function IsReference(): PropertyDecorator {
  return IsText(REFERENCE_LENGTH_MAX);
}

/** Strings that the shop wants to find again. */
export function IsMetadata(): PropertyDecorator {
  return applyDecorators(
    Transform(asSent),
    Type(() => Object),
    IsStringPairs(METADATA_LIMITS),
  );
}

/** A merge patch of such strings: null removes one. */
export function IsMetadataPatch(): PropertyDecorator {
  return applyDecorators(
    Transform(asSent),
    Type(() => Object),
    IsStringPairs(METADATA_LIMITS, true),
  );
}

/** As it came: class-transformer would drop a key such as `constructor`. */
function asSent({ obj, key }: TransformFnParams): unknown {
  return (obj as Record<string, unknown>)[key];
}

/** The member may be left out, or be null, which removes what is stored. */
export function IfNotNull(): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_request, value) => value !== undefined && value !== null),
    ApiProperty({ nullable: true }),
  );
}

/** The member may be left out, but not be null: `IsOptional` would let null pass. */
export function IfPresent(): PropertyDecorator {
  return ValidateIf((_request, value) => value !== undefined);
}

export const ID_PATTERN = /^[0-9a-fA-F]{24}$/;

/** A 24-digit hex ObjectId, as a string. */
export function IsId(): PropertyDecorator {
  return applyDecorators(
    Matches(ID_PATTERN, { message: '$property must be a string of 24 hex digits' }),
    ApiProperty({ pattern: ID_PATTERN.source }),
  );
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** A moment as ISO 8601 writes it, with `Z` or an offset. */
export function IsInstant(): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isInstant',
      validator: {
        validate: (value) =>
          typeof value === 'string' && INSTANT.test(value) && isDay(value.slice(0, 10)) && isInYears(Date.parse(value)),
        defaultMessage: (args) => `${args?.property} must be a time of ISO 8601 with Z or an offset`,
      },
    }),
    ApiProperty({ format: 'date-time' }),
  );
}

/** The moment that such a text names. */
export function toInstant(time: string | undefined): Instant | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

/** Whether ISO 8601 writes the year with four digits: an offset may lead out of these. */
function isInYears(instant: number): boolean {
  const year = new Date(instant).getUTCFullYear();
  return year >= 0 && year <= 9_999;
}

/** Whether there is such a day: JavaScript reads the 30th of February as the 2nd of March. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}

interface PairLimits {
  readonly pairs: number;
  readonly keyLength: number;
  readonly valueLength: number;
}

/** A flat object of strings; in a patch, nulls may be among them. */
export function IsStringPairs(limits: PairLimits, isPatch = false): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isStringPairs',
      validator: {
        validate: (value) => isStringPairs(isPatch ? withoutNulls(value) : value, limits),
        defaultMessage: (args) =>
          `${args?.property} must be an object of at most ${limits.pairs} strings, ` +
          `with keys of 1 to ${limits.keyLength} and values of at most ${limits.valueLength} characters`,
      },
    }),
    ApiProperty({
      type: 'object',
      maxProperties: limits.pairs,
      additionalProperties: { type: 'string', maxLength: limits.valueLength, ...(isPatch && { nullable: true }) },
    }),
  );
}

/** Its nulls as strings: they are as good as any. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, text === null ? '' : (text as unknown)]));
}

function isStringPairs(value: unknown, limits: PairLimits): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const pairs = Object.entries(value);
  return (
    pairs.length <= limits.pairs &&
    pairs.every(
      ([key, text]) =>
        key !== '' &&
        !isLongerThan(limits.keyLength, key) &&
        typeof text === 'string' &&
        !isLongerThan(limits.valueLength, text) &&
        isStorable(key) &&
        isStorable(text),
    )
  );
}

/** False for a lone surrogate: UTF-8 has no form for it, so that two such strings would be stored as one. */
function isStorable(text: string): boolean {
  return text.isWellFormed();
}
