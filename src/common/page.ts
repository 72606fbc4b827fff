import { createHash } from 'node:crypto';
import { invalidInput } from './problem.js';

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 100;

/** The place of a document in a list that is sorted newest first: by its time, then by its id, both descending. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; null at the end. */
  readonly nextCursor: string | null;
}

const POSITION_BYTES = 20;
const CHECK_BYTES = 6;
const CURSOR = /^[A-Za-z0-9_-]{35}$/;

/** An opaque cursor for what comes after `position` in `list`: a name with every filter, so that it fits no other list. */
export function encodeCursor(position: Position, list: string): string {
  const bytes = Buffer.alloc(POSITION_BYTES);
  bytes.writeBigInt64BE(BigInt(position.at.getTime()), 0);
  bytes.write(position.id, 8, 'hex');
  return Buffer.concat([bytes, checksum(bytes, list)]).toString('base64url');
}

/** The position in `cursor`. Throws the 400 `validation_failed` for a cursor that this list did not hand out. */
export function decodeCursor(cursor: string, list: string): Position {
  const bytes = CURSOR.test(cursor) ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
  const position = bytes.subarray(0, POSITION_BYTES);
  const isOurs =
    bytes.toString('base64url') === cursor && bytes.subarray(POSITION_BYTES).equals(checksum(position, list));
  const at = new Date(isOurs ? Number(position.readBigInt64BE(0)) : Number.NaN);
  if (Number.isNaN(at.getTime())) {
    throw invalidInput([{ pointer: '#/cursor', message: 'cursor must be a nextCursor of this very list' }]);
  }
  return { at, id: position.toString('hex', 8) };
}

/** Cuts the one document too many that was read to learn whether there is another page. */
export function toPage<Item>(
  read: readonly Item[],
  limit: number,
  list: string,
  positionOf: (item: Item) => Position,
): Page<Item> {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: read.length > limit && last ? encodeCursor(positionOf(last), list) : null };
}

function checksum(bytes: Buffer, list: string): Buffer {
  return createHash('sha256').update(list).update('\0').update(bytes).digest().subarray(0, CHECK_BYTES);
}
