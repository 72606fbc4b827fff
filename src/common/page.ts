import { createHash } from 'node:crypto';
import { invalidInput, type Problem } from './problem.js';

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

const ID_BYTES = 12;
const CHECK_BYTES = 6;
const TIME_BYTES = 8;

/** An opaque cursor for what comes after `position` in `list`: a name with every filter, so that it fits no other list. */
export function encodeCursor(position: Position, list: string): string {
  return sealCursor(timeToBytes(position.at), position.id, list);
}

/** The position in `cursor`. Throws the 400 `validation_failed` for a cursor that this list did not hand out. */
export function decodeCursor(cursor: string, list: string): Position {
  const { key, id } = openCursor(cursor, list);
  return { at: timeFromBytes(key), id };
}

/** An opaque cursor for what comes after the item `id` in `list`; `key` is what the list is sorted by before the id. */
export function sealCursor(key: Buffer, id: string, list: string): string {
  const bytes = Buffer.concat([key, Buffer.from(id, 'hex')]);
  return Buffer.concat([bytes, checksum(bytes, list)]).toString('base64url');
}

/** What was sealed in `cursor`. Throws the 400 `validation_failed` for a cursor that this list did not hand out. */
export function openCursor(cursor: string, list: string): { readonly key: Buffer; readonly id: string } {
  const sealed = Buffer.from(cursor, 'base64url');
  const bytes = sealed.subarray(0, -CHECK_BYTES);
  const isOurs =
    bytes.length >= ID_BYTES &&
    sealed.toString('base64url') === cursor &&
    sealed.subarray(-CHECK_BYTES).equals(checksum(bytes, list));
  if (!isOurs) throw invalidCursor();
  return { key: bytes.subarray(0, -ID_BYTES), id: bytes.toString('hex', bytes.length - ID_BYTES) };
}

/** A time as the key of a cursor. */
export function timeToBytes(time: Date): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigInt64BE(BigInt(time.getTime()));
  return bytes;
}

/** The time in the key of a cursor. Throws the 400 `validation_failed` where there is none. */
export function timeFromBytes(key: Buffer): Date {
  const time = new Date(key.length === TIME_BYTES ? Number(key.readBigInt64BE()) : Number.NaN);
  if (Number.isNaN(time.getTime())) throw invalidCursor();
  return time;
}

function invalidCursor(): Problem {
  return invalidInput([{ pointer: '#/cursor', message: 'cursor must be a nextCursor of this very list' }]);
}

/** Cuts the one document too many that was read to learn whether there is another page. */
export function toPage<Item>(
  read: readonly Item[],
  limit: number,
  list: string,
  positionOf: (item: Item) => Position,
): Page<Item> {
  return cutPage(read, limit, (last) => encodeCursor(positionOf(last), list));
}

/** As `toPage`, for a list that is sorted in another way. */
export function cutPage<Item>(read: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: read.length > limit && last ? cursorOf(last) : null };
}

function checksum(bytes: Buffer, list: string): Buffer {
  return createHash('sha256').update(list).update('\0').update(bytes).digest().subarray(0, CHECK_BYTES);
}
