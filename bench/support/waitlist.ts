import { type mongo, Types } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Waitlist } from '../../src/events/event.js';
import type { MovementRecord } from '../../src/events/inventory/movement.schema.js';
import { toFields } from '../../src/events/schemas/event.mapper.js';
import type { EntryRecord } from '../../src/waitlist/store/entry.schema.js';
import type { BookingRecord } from '../../src/bookings/store/booking.schema.js';
import { toEntryRecord } from '../../src/waitlist/store/entry.mapper.js';

const AT_ONCE = 10_000;
const POLL_MS = 50;
const HANDED_OVER_WITHIN_MS = 30_000;

/** Who waits for an event, and what was offered, as it is stored. */
export interface WaitlistState {
  readonly offeredTickets: number;
  /** The least that an entry waits for; Infinity where nobody waits. */
  readonly smallest: number;
}

/**
 * Stores entries of an event without sections, one for each of the quantities. The event must be new: a server that
 * remembers it would not see them, as its revision stays.
 */
export async function fillWaitlist(db: mongo.Db, eventId: string, quantities: readonly number[]): Promise<void> {
  const joinedAt = Date.now();
  const entries = db.collection('waitlistEntries');
  for (let first = 0; first < quantities.length; first += AT_ONCE) {
    const some = quantities.slice(first, first + AT_ONCE).map((quantity, index) => ({
      id: new Types.ObjectId().toHexString(),
      eventId,
      userId: `waiting-${first + index + 1}`,
      quantity,
      sectionId: undefined,
      number: first + index + 1,
      status: 'waiting' as const,
      joinedAt,
      offeredAt: undefined,
      offerExpiresAt: undefined,
      idempotency: undefined,
      soldBy: undefined,
    }));
    await entries.insertMany(some.map(toEntryRecord), { ordered: false });
  }
  const [lastNumber, waiting] = [quantities.length, quantities.length];
  const waitlist: Waitlist = { lastNumber, waiting, endedUpTo: 0, reserved: [] };
  await db.collection('events').updateOne({ _id: new Types.ObjectId(eventId) }, { $set: toFields({ waitlist }).set });
}

/** Returns how many bookings of such users were made while an entry for one ticket waited, by the event's movements. */
export async function countBoughtTooEarly(db: mongo.Db, eventId: string, users: RegExp): Promise<number> {
  const ofEvent = { eventId: new Types.ObjectId(eventId) };
  const singles = db.collection<EntryRecord>('waitlistEntries').find({ ...ofEvent, quantity: 1 });
  const revisionsOf = async (ids: readonly Types.ObjectId[]) => {
    const movements = db.collection<MovementRecord>('movements').find({ ...ofEvent, 'lines.bookingId': { $in: ids } });
    return (await movements.toArray()).map(({ revision }) => revision);
  };
  const entries = await singles.toArray();
  const offers = await revisionsOf(entries.flatMap(({ _id, offeredAt }) => (offeredAt ? _id : [])));
  const lastWaited = entries.some(({ status }) => status === 'waiting') ? Infinity : Math.max(0, ...offers);
  const bought = await db
    .collection<BookingRecord>('bookings')
    .find({ ...ofEvent, userId: users })
    .toArray();
  return (await revisionsOf(bought.map(({ _id }) => _id))).filter((revision) => revision < lastWaited).length;
}

/** Returns the state once no ticket is reserved any more; undefined where that takes too long. */
export async function waitlistOnceHandedOver(db: mongo.Db, eventId: string): Promise<WaitlistState | undefined> {
  const _id = new Types.ObjectId(eventId);
  const deadline = Date.now() + HANDED_OVER_WITHIN_MS;
  while (await db.collection('events').findOne({ _id, 'waitlist.reserved.0': { $exists: true } })) {
    if (Date.now() > deadline) return undefined;
    await sleep(POLL_MS);
  }
  const groups = await db
    .collection('waitlistEntries')
    .aggregate<{ _id: string; tickets: number; smallest: number }>([
      { $match: { eventId: _id } },
      { $group: { _id: '$status', tickets: { $sum: '$quantity' }, smallest: { $min: '$quantity' } } },
    ])
    .toArray();
  const of = (status: string) => groups.find((group) => group._id === status);
  return { offeredTickets: of('offered')?.tickets ?? 0, smallest: of('waiting')?.smallest ?? Infinity };
}
