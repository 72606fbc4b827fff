import { describe, expect, it } from '@jest/globals';
import { type Booking, BOOKINGS, purchaseOf } from '../../src/bookings/booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../../src/bookings/booking-change.js';
import { book } from '../../src/bookings/decide/book.js';
import type { Command } from '../../src/bookings/decide/command.js';
import type { Lookup } from '../../src/bookings/decide/lookup.js';
import { eraseBookings } from '../../src/bookings/decide/erase-bookings.js';
import { followLookupsOf, lookupsOf, planCommands, type Plan, type Rules } from '../../src/bookings/decide/planner.js';
import { within } from '../../src/bookings/decide/table.js';
import { transfer } from '../../src/bookings/decide/transfer.js';
import { USER_TICKETS, type UserTickets } from '../../src/bookings/decide/user-tickets.js';
import { type ErasedUser, eraseUser, type EraseUserCommand } from '../../src/erasure/decide/erase-user.js';
import { ERASURES } from '../../src/erasure/decide/erasures.js';
import type { Erasure } from '../../src/erasure/erasure.js';
import type { Event } from '../../src/events/event.js';
import { transferTo, TWO } from '../support/booking-changes.js';
import { aBooking, anEvent, byId, counts, EVENT_ID, idOf, NOW, storedBooking } from '../support/factories.js';

const PSEUDONYM = 'erased-1';
const ERASURE: Erasure = { pseudonym: PSEUDONYM, userId: 'ann', startedAt: NOW, by: undefined, last: undefined };
const rules: Rules = {
  kinds: new Map([book, transfer, eraseUser([{ rule: eraseBookings }])].map((kind) => [kind.kind, kind])),
  dueRules: [],
  freeingRules: [],
  closingRules: [],
  dueMax: 1,
};
const erasing = (batchId = 'batch'): EraseUserCommand => {
  return { kind: 'eraseUser', eventId: EVENT_ID, userId: 'ann', pseudonym: PSEUDONYM, batchId };
};

/** All that is stored, which reads as the repositories do. */
class Stored {
  readonly bookings = new Map<string, Booking>();
  readonly changes = new Map<string, BookingChange>();
  readonly userTickets = new Map<string, UserTickets>();
  erasure = ERASURE;

  constructor(public event: Event = anEvent({ ...counts(10, 10), maxTicketsPerUser: 8 })) {}

  plan(commands: readonly Command[]): Plan {
    const known = { events: byId(this.event), mayHaveCommitted: false };
    const documents = new Map<string, readonly unknown[]>();
    const read = (lookups: readonly Lookup[]) => {
      for (const lookup of lookups) {
        documents.set(lookup.table, [...(documents.get(lookup.table) ?? []), ...this.find(lookup)]);
      }
    };
    read(lookupsOf(commands, known, documents, rules));
    read(followLookupsOf(commands, known, documents, rules));
    return planCommands(commands, { events: known.events, documents }, rules, { now: NOW, mayHaveCommitted: false });
  }

  /** Stores what the plan of the commands says. Returns it. */
  run(...commands: readonly Command[]): Plan {
    const plan = this.plan(commands);
    [this.event = this.event] = plan.eventsAfter;
    const changed = <Doc>(name: string) => (plan.changes.get(name) ?? []).map(({ after }) => after as Doc);
    for (const booking of changed<Booking>(BOOKINGS.name)) this.bookings.set(booking.id, booking);
    for (const change of changed<BookingChange>(BOOKING_CHANGES.name)) this.changes.set(change.id, change);
    for (const count of changed<UserTickets>(USER_TICKETS.name)) this.userTickets.set(count.userId, count);
    [this.erasure = this.erasure] = changed<Erasure>(ERASURES.name);
    return plan;
  }

  get documents(): unknown[] {
    const counted = [...this.userTickets.values()].filter(({ isStored }) => isStored);
    return [...this.bookings.values(), ...this.changes.values(), ...counted];
  }

  private find({ table, by, value, limit = Infinity }: Lookup): unknown[] {
    const isMeant: Record<string, (doc: never) => boolean> = {
      'bookings id': ({ id }: Booking) => id === value,
      'bookings user': ({ userId }: Booking) => userId === value,
      'bookingChanges from': ({ from }: BookingChange) => from === value,
      'bookingChanges receiver': ({ bookingId, after }: BookingChange) => within(bookingId, after.userId) === value,
    };
    const all = { [BOOKINGS.name]: this.bookings, [BOOKING_CHANGES.name]: this.changes }[table];
    if (all) return [...all.values()].filter((doc) => isMeant[`${table} ${by}`]?.(doc as never)).slice(0, limit);
    if (table === ERASURES.name) return [this.erasure];
    const count = this.userTickets.get(value);
    if (count?.isStored) return [count];
    const own = [...this.bookings.values()].filter(({ userId, status }) => userId === value && status === 'confirmed');
    const tickets = own.reduce((sum, { quantity }) => sum + quantity, 0);
    return [{ eventId: EVENT_ID, userId: value, tickets, isStored: false }];
  }
}

const four = (id: string, fields: Partial<Booking> = {}) =>
  storedBooking(id, [{ sectionId: undefined, quantity: 4 }], { userId: 'ann', ...fields });
const storing = (...bookings: Booking[]) => {
  const stored = new Stored();
  for (const booking of bookings) stored.bookings.set(booking.id, booking);
  return stored;
};
const resultOf = ({ outcomes }: Plan, index = 0) => {
  const outcome = outcomes[index];
  return outcome?.kind === 'done' ? (outcome.result as ErasedUser) : outcome;
};
const ticketsOf = (stored: Stored) =>
  [...stored.userTickets.values()].flatMap(({ userId, tickets, isStored }) =>
    isStored ? [`${userId} ${tickets}`] : [],
  );

describe('a plan of an erasure', () => {
  it('moves what the user has to the pseudonym, and removes what the user wrote', () => {
    const idempotency = { key: 'key', fingerprint: 'hash' };
    const stored = storing(four(idOf(1), { idempotency, metadata: { name: 'Ann' }, reference: 'order-1' }));
    expect(resultOf(stored.run(erasing()))).toEqual({ replaced: 1, hasMore: false, isOver: false });
    expect([...stored.bookings.values()]).toEqual([four(idOf(1), { userId: PSEUDONYM, reference: 'order-1' })]);
    expect(ticketsOf(stored)).toEqual([`${PSEUDONYM} 4`]);
    expect(stored.event.revision).toBe(8);
  });

  it('leaves what the buyer wrote to the buyer, where the user got the tickets later', () => {
    const bob = { userId: 'bob', metadata: { name: 'Bob' }, idempotency: { key: 'key', fingerprint: 'hash' } };
    const stored = storing(four(idOf(1), bob));
    stored.run(transferTo('ann', TWO, 'bob'));
    stored.run(erasing());
    expect([...stored.bookings.values()]).toMatchObject([{ ...bob, userId: PSEUDONYM, bought: { userId: 'bob' } }]);
    expect([...stored.changes.values()]).toMatchObject([{ from: 'bob', after: { userId: PSEUDONYM } }]);
  });

  it('replaces what commands before it have made in the same batch; those behind are decided later', () => {
    const stored = storing(four(idOf(1)));
    const ann = { userId: 'ann' };
    const plan = stored.run({ ...aBooking(idOf(2), 1), ...ann }, transferTo('bob', TWO, 'ann'), erasing(), {
      ...aBooking(idOf(3), 1),
      ...ann,
    });
    expect(plan.outcomes.map((outcome) => outcome?.kind)).toEqual(['done', 'done', 'done', undefined]);
    expect(JSON.stringify(stored.documents)).not.toContain('"ann"');
    expect(ticketsOf(stored).sort()).toEqual(['bob 4', `${PSEUDONYM} 1`]);
  });

  it('writes nothing where there is nothing', () => {
    const { movements, changes, outcomes } = new Stored().plan([erasing()]);
    expect(outcomes).toMatchObject([{ result: { replaced: 0, hasMore: false } }]);
    expect([movements, [...changes.values()].flat()]).toEqual([[], []]);
  });

  it('changes nothing once the erasure has ended: the user may be back', () => {
    const stored = storing(four(idOf(1)));
    stored.erasure = { ...ERASURE, userId: undefined };
    const plan = stored.plan([erasing()]);
    expect(resultOf(plan)).toEqual({ replaced: 0, hasMore: false, isOver: true });
    expect(plan.movements).toEqual([]);
  });

  it('finds what an earlier attempt has done, and says the same', () => {
    const stored = storing(four(idOf(1)));
    const first = resultOf(stored.run(erasing()));
    const again = stored.plan([erasing()]);
    expect(resultOf(again)).toEqual(first);
    expect(again.movements).toEqual([]);
    expect(resultOf(stored.plan([erasing('another batch')]))).toMatchObject({ replaced: 0 });
  });

  it('loses nothing between batches, however often a booking went to the user and away', () => {
    const stored = new Stored(anEvent({ ...counts(0, 1_000) }));
    let ids = 0x1000;
    const go = (booking: Booking, owners: readonly string[]) => {
      stored.bookings.set(booking.id, booking);
      for (const to of owners) {
        const { id, userId } = stored.bookings.get(booking.id)!;
        stored.run({ ...transferTo(to, idOf(ids++), userId), bookingId: id } as Command);
      }
    };
    const oftenTo = (count: number) => Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 'ann' : 'bob'));
    go(four(idOf(1), { userId: 'bob' }), oftenTo(301));
    go(four(idOf(2), { userId: 'bob' }), oftenTo(150));
    for (let number = 10; number < 260; number++) go(four(idOf(number)), number % 2 === 0 ? ['bob'] : []);

    let batches = 0;
    for (let hasMore = true; hasMore; batches++) {
      const before = stored.documents.length;
      const plan = stored.run(erasing(`batch ${batches}`));
      const changed = [BOOKINGS, BOOKING_CHANGES].map(({ name }) => plan.changes.get(name)?.length ?? 0);
      expect(Math.max(...changed)).toBeLessThanOrEqual(200);
      expect(stored.documents).toHaveLength(before);
      hasMore = (resultOf(plan) as ErasedUser).hasMore;
    }
    expect(batches).toBeGreaterThan(3);
    expect(JSON.stringify(stored.documents)).not.toContain('"ann"');
    expect([...stored.bookings.values()].filter((booking) => purchaseOf(booking).userId === PSEUDONYM)).toHaveLength(
      250,
    );
  });
});
