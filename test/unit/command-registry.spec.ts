import { describe, expect, it } from '@jest/globals';
import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import { CommandRegistry } from '../../src/bookings/index.js';
import { book } from '../../src/bookings/decide/book.js';
import { cancel } from '../../src/bookings/decide/cancel.js';
import type { ClosingRule, FreeingRule } from '../../src/bookings/decide/command.js';
import { changesOf, planCommands } from '../../src/bookings/decide/planner.js';
import type { Table } from '../../src/bookings/decide/table.js';
import {
  aBooking,
  aCancellation,
  anEvent,
  byId,
  counts,
  EVENT_ID,
  idOf,
  NOW,
  storedBooking,
} from '../support/factories.js';
import { planOf } from '../support/plan.js';

const [FIRST, SECOND, THIRD] = [idOf(1), idOf(2), idOf(3)];

/** A document of a feature's own: who gets the next ticket. */
interface Waiting {
  readonly userId: string;
  readonly got: number;
}
const FIRST_TIME = { now: NOW, mayHaveCommitted: false };
const WAITING: Table<Waiting> = { name: 'waiting', namesOf: ({ userId }) => [userId] };

/** Gives each ticket that becomes free to the one who waits. */
const giveToWaiting: FreeingRule = {
  whenFreed(event, _sectionIds, draft) {
    const quantity = draft.available(event, undefined);
    const first = draft.find(WAITING, 'eve');
    if (!first || quantity < 1) return;
    draft.put(WAITING, { ...first, got: first.got + quantity });
    draft.move(event.id, [{ kind: 'booked', sectionId: undefined, bookingId: THIRD, quantity }]);
  },
};

describe('a rule for freed tickets', () => {
  const registry = new CommandRegistry().register({ kinds: [book, cancel], freeingRules: [giveToWaiting] });
  const sold = storedBooking(FIRST, [{ sectionId: undefined, quantity: 2 }]);
  const documents = new Map<string, readonly unknown[]>([
    [BOOKINGS.name, [sold]],
    [WAITING.name, [{ userId: 'eve', got: 0 }]],
  ]);
  const events = byId(anEvent(counts(0, 2)));

  it('runs after the command that frees them, before the next of the batch', () => {
    const plan = planCommands([aCancellation(FIRST), aBooking(SECOND, 1)], { events, documents }, registry, FIRST_TIME);
    expect(plan.outcomes.map((outcome) => outcome?.kind === 'refused' && outcome.problem.code)).toEqual([
      false,
      'sold_out',
    ]);
    expect(changesOf(plan, WAITING).updated.map(({ after }) => after)).toEqual([{ userId: 'eve', got: 2 }]);
    expect(plan.eventsAfter[0]).toMatchObject(counts(0, 2));
  });

  it('does not run for a command that frees nothing', () => {
    const plan = planCommands([aBooking(SECOND, 1)], { events, documents }, registry, FIRST_TIME);
    expect(changesOf(plan, WAITING).updated).toEqual([]);
  });
});

describe('a rule for the end of a plan', () => {
  const lookup = { table: WAITING.name, eventId: EVENT_ID, by: 'place', value: 'first' };
  /** Withholds what became free, and asks once who waits for it. */
  const freeingRules: FreeingRule[] = [
    { whenFreed: (event, sectionIds, draft) => sectionIds.forEach((id) => draft.withhold(event, id)) },
  ];
  const closingRules: ClosingRule[] = [{ close: (draft) => draft.ask(lookup) }];
  const registry = new CommandRegistry().register({ kinds: [book, cancel], freeingRules, closingRules });
  const sold = storedBooking(FIRST, [{ sectionId: undefined, quantity: 2 }]);
  const reads = {
    events: byId(anEvent(counts(0, 2))),
    documents: new Map<string, readonly unknown[]>([[BOOKINGS.name, [sold]]]),
  };
  const commands = [aCancellation(FIRST), aBooking(SECOND, 1)];

  it('has what it asks for read, and is asked no second time', () => {
    expect(planCommands(commands, reads, registry, FIRST_TIME).asks).toEqual([lookup]);
    expect(planCommands(commands, { ...reads, asked: [lookup] }, registry, FIRST_TIME).asks).toEqual([]);
  });

  it('finds withheld tickets untouched, and available in the books', () => {
    const { outcomes, eventsAfter } = planCommands(commands, reads, registry, FIRST_TIME);
    expect(outcomes.map((outcome) => outcome?.kind)).toEqual(['done', 'refused']);
    expect(eventsAfter[0]).toMatchObject(counts(2, 0));
  });
});

describe('a registry of commands', () => {
  it('takes each kind once, and each table once', () => {
    const registry = new CommandRegistry().register({ kinds: [book] });
    expect(() => registry.register({ kinds: [book] })).toThrow('one kind of command is called book');
  });

  it('refuses to decide what is not registered', () => {
    const plan = () =>
      planCommands(
        [aBooking(FIRST, 1)],
        { events: byId(anEvent()), documents: new Map() },
        new CommandRegistry(),
        FIRST_TIME,
      );
    expect(plan).toThrow('a kind of command called book is registered');
  });
});

describe('commands and outcomes', () => {
  it('are plain data: as JSON and back they are the same', () => {
    const key = { key: 'order-1', fingerprint: 'one ticket' };
    const commands = [
      { ...aBooking(FIRST, 2), idempotency: key, reference: 'A-1', metadata: { a: 'b' }, soldBy: idOf(9) },
      aBooking(SECOND, 100),
      aCancellation(THIRD),
      aCancellation(FIRST),
    ];
    const { outcomes } = planOf(commands, { events: [anEvent({ price: { amount: 1, currency: 'EUR' } })] });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'refused', 'done']);
    for (const data of [...commands, ...outcomes]) {
      expect(JSON.parse(JSON.stringify(data)) as unknown).toEqual(withoutUndefined(data));
    }
  });
});

describe('the changes of a plan', () => {
  it('are one for each document, however many commands have changed it', () => {
    const { newBookings, cancelledBookings } = planOf([aBooking(FIRST, 2), aCancellation(FIRST)]);
    const last: Booking[] = newBookings;
    expect(last.map(({ id, status }) => [id, status])).toEqual([[FIRST, 'cancelled']]);
    expect(cancelledBookings).toEqual(last);
  });
});

/** What JSON has no word for is absent; everything else, and only plain objects, may be there. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutUndefined);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutUndefined(member)]));
}
