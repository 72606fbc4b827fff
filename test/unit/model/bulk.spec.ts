import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Booking, purchaseOf, quantityOf } from '../../../src/bookings/booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../../../src/bookings/booking-change.js';
import type { CancelBookingsCommand } from '../../../src/bookings/decide/cancel-bookings.js';
import type { CommandKind } from '../../../src/bookings/decide/command.js';
import type { Lookup } from '../../../src/bookings/decide/lookup.js';
import { eraseBookings } from '../../../src/bookings/decide/erase-bookings.js';
import type { Erasing } from '../../../src/bookings/decide/erasure-rule.js';
import { USER_TICKETS, type UserTickets } from '../../../src/bookings/decide/user-tickets.js';
import type { StoredChange } from '../../../src/bookings/store/document-store.js';
import { Problem } from '../../../src/common/problem.js';
import { eraseUser, type EraseUserCommand } from '../../../src/erasure/decide/erase-user.js';
import { ERASURES } from '../../../src/erasure/decide/erasures.js';
import type { Erasure } from '../../../src/erasure/erasure.js';
import { eraseHolds } from '../../../src/holds/decide/erase-holds.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { idOf } from '../../support/factories.js';
import { decideOn } from '../../support/registrations.js';
import { changeKind } from './changes.js';
import { schedules } from './drawn.js';
import { run } from './schedule.js';
import { type Link, SimulatedDocuments } from './simulated-database.js';
import type { Parts } from './simulated-process.js';
import { bookingsIn, type CommittedState, holdsIn } from './simulated-store.js';

const SEED = 7;
const KIND = eraseUser([{ rule: eraseBookings }, { rule: eraseHolds }]);
const pseudonymOf = (userId: string) => `erased-${userId}`;

/** Erasures that have begun before the schedule, and never end. */
class SimulatedErasures extends SimulatedDocuments<Erasure> {
  constructor(link: Link) {
    super(link, ERASURES, ({ pseudonym }, { value }) => pseudonym === value);
  }

  override async read(tx: Tx, lookups: readonly Lookup[]): Promise<Erasure[]> {
    const stored = await super.read(tx, lookups);
    const fresh = lookups.filter(({ value }) => !stored.some(({ pseudonym }) => pseudonym === value));
    const rest = { startedAt: 0, by: undefined, last: undefined };
    const begun = fresh.map(({ value }) => ({ pseudonym: value, userId: value.replace('erased-', ''), ...rest }));
    return [...stored, ...begun];
  }

  override async update(tx: Tx, changes: readonly StoredChange<Erasure>[]): Promise<void> {
    const first = changes.filter(({ before }) => before.last === undefined);
    await super.insert(
      tx,
      first.map(({ after }) => after),
    );
    await super.update(
      tx,
      changes.filter(({ before }) => before.last !== undefined),
    );
  }
}

/** What is wrong with a committed state: counts of users, tickets that went back twice, and users who are replaced by half. */
function findFaults(state: CommittedState, number: number): string[] {
  const [bookings, holds] = [[...bookingsIn(state).values()], [...holdsIn(state).values()]];
  const changes = [...(state.tables.get(BOOKING_CHANGES.name)?.values() ?? [])] as BookingChange[];
  const counts = [...(state.tables.get(USER_TICKETS.name)?.values() ?? [])] as UserTickets[];
  const faults: string[] = [];
  const check = (what: string, found: unknown, expected: unknown) => {
    if (found !== expected) faults.push(`commit ${number}, ${what}: ${String(found)} instead of ${String(expected)}`);
  };
  for (const { eventId, userId, tickets } of counts.filter(({ isStored }) => isStored)) {
    const own = [
      ...bookings.filter(({ status }) => status === 'confirmed'),
      ...holds.filter(({ status }) => status === 'active'),
    ].filter((each) => each.eventId === eventId && each.userId === userId);
    check(`tickets of ${userId}`, tickets, quantityOf(own.flatMap(({ items }) => items)));
  }
  for (const event of state.events.values()) {
    const own = bookings.filter(({ eventId, status }) => eventId === event.id && status === 'confirmed');
    check(`sold of ${event.id}`, event.soldTickets, quantityOf(own.flatMap(({ items }) => items)));
  }
  for (const booking of bookings) {
    let holder = purchaseOf(booking).userId;
    const hold = holds.find(({ id }) => id === booking.id);
    if (hold) check(`the hold ${hold.id}`, hold.userId, holder);
    const own = changes.filter(({ bookingId }) => bookingId === booking.id);
    for (const { kind, from, after } of own.sort((one, other) => one.number - other.number)) {
      if (kind === 'transferred') check(`the giver of ${booking.id}`, from, holder);
      else check(`the user of ${booking.id}`, after.userId, holder);
      holder = after.userId;
    }
    check(`the holder of ${booking.id}`, booking.userId, holder);
    const gone = quantityOf(own.filter(({ kind }) => kind === 'cancelled').flatMap(({ lines }) => lines));
    const left = booking.status === 'cancelled' ? 0 : booking.quantity;
    check(`tickets of ${booking.id}`, gone + left, quantityOf(purchaseOf(booking).items));
  }
  return faults;
}

interface Ran {
  readonly faults: string[];
  readonly cancelled: number;
  readonly replaced: number;
}

/** After every booking, its process cancels all of the event's or erases its user. Both may be under way at the same time. */
async function runWith(
  schedule: Parameters<typeof run>[0],
  plant: (parts: Parts) => void = () => undefined,
): Promise<Ran> {
  let [cancelled, replaced, ids] = [0, 0, 0xb000];
  const faults: string[] = [];
  const made: Booking[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof Problem)) faults.push(String(error));
  };
  const world = await run(schedule, (parts) => {
    const { registry, service } = parts;
    registry.register({ kinds: [KIND], stores: [new SimulatedErasures(parts.bookings['link'])] });
    plant(parts);
    const rest = { reason: undefined, by: undefined, at: 0 };
    const cancelAll = async (eventId: string) => {
      const bookings = made
        .filter((booking) => booking.eventId === eventId)
        .map(({ id, userId }) => ({ bookingId: id, userId, changeId: idOf(ids++) }));
      const command: CancelBookingsCommand = { kind: 'cancelBookings', eventId, bookings, ...rest };
      cancelled += (await service.submit<{ bookings: number }>(command, () => false)).result.bookings;
    };
    const erase = async (eventId: string, userId: string) => {
      const erasing: Erasing = { eventId, userId, pseudonym: pseudonymOf(userId) };
      const command: EraseUserCommand = { kind: 'eraseUser', ...erasing, batchId: idOf(ids++) };
      replaced += (await service.submit<{ replaced: number }>(command, () => false)).result.replaced;
    };
    const book = service.book.bind(service);
    service.book = async (...request) => {
      const done = await book(...request);
      const { eventId, userId } = done.result;
      made.push(done.result);
      if (made.length % 2 === 0) void cancelAll(eventId).catch(note);
      if (userId !== null && !userId.startsWith('erased-')) void erase(eventId, userId).catch(note);
      return done;
    };
  });
  const broken = world.processes.flatMap((each) => each.faults);
  return { faults: [...faults, ...broken, ...world.store.history.flatMap(findFaults)], cancelled, replaced };
}

const BUGS: readonly (readonly [string, (parts: Parts) => void])[] = [
  [
    'a booking is cancelled whatever is left of it',
    ({ registry }) =>
      changeKind(registry, 'cancelBookings', (kind) =>
        decideOn(kind, (draft) => ({
          find: (table, name) => {
            const doc = draft.find(table, name);
            return table.name === 'bookings' && doc ? { ...doc, status: 'confirmed' } : doc;
          },
        })),
      ),
  ],
  [
    'the tickets stay in the count of the erased user',
    ({ registry }) => changeKind(registry, 'eraseUser', withoutPuts(USER_TICKETS.name)),
  ],
  [
    'the history keeps the erased user',
    ({ registry }) => changeKind(registry, 'eraseUser', withoutPuts(BOOKING_CHANGES.name)),
  ],
];

function withoutPuts(name: string): (kind: CommandKind) => Partial<CommandKind> {
  return (kind) =>
    decideOn(kind, (draft) => ({
      put: (table, doc) => {
        if (table.name !== name) draft.put(table, doc);
      },
    }));
}

describe('cancellations of all bookings and erasures beside everything else', () => {
  it('keep the books, the counts of users and whole histories at every committed state', async () => {
    let [cancelled, replaced] = [0, 0];
    const keeps = fc.asyncProperty(schedules, async (schedule) => {
      const ran = await runWith(schedule);
      cancelled += ran.cancelled;
      replaced += ran.replaced;
      expect(ran.faults).toEqual([]);
    });
    await fc.assert(keeps, { numRuns: 200, seed: SEED });
    expect(Math.min(cancelled, replaced)).toBeGreaterThan(0);
  });

  it.each(BUGS)('are found out where %s (negative control)', async (_bug, plant) => {
    const keeps = fc.asyncProperty(schedules, async (schedule) => (await runWith(schedule, plant)).faults.length === 0);
    expect((await fc.check(keeps, { numRuns: 500, seed: SEED, endOnFailure: true })).failed).toBe(true);
  });
});
