import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Booking } from '../../src/bookings/booking.js';
import type { Event } from '../../src/events/event.js';
import {
  aBooking,
  aCancellation,
  anEvent,
  anEventWith,
  aSection,
  capacityOf,
  counts,
  idOf,
  storedBooking,
} from '../support/factories.js';
import { type BookingCommand, planOf } from '../support/plan.js';

interface World {
  readonly events: readonly Event[];
  readonly bookings: readonly Booking[];
  readonly commands: readonly BookingCommand[];
  readonly mayHaveCommitted: boolean;
}

const EVENTS_MAX = 3;
const SECTIONS_MAX = 3;

const eventId = (event: number) => idOf(0xe00 + event);
const sectionId = (event: number, section: number) => idOf(0xa00 + event * 0x10 + section);
const small = (max: number) => fc.integer({ min: 0, max });

const pool = fc.record({ available: small(6), held: small(2), soldToOthers: small(2) });
const anyPools = fc.array(
  fc.record({ pools: fc.array(pool, { minLength: 1, maxLength: SECTIONS_MAX }), isWhole: fc.boolean() }),
  {
    minLength: 1,
    maxLength: EVENTS_MAX,
  },
);

/** Events whose books balance, bookings that are in them, and commands that may make sense or not. */
const worlds: fc.Arbitrary<World> = anyPools.chain((shapes) => {
  const poolsOf = (event: number) => (shapes[event]!.isWhole ? 1 : shapes[event]!.pools.length);
  const idOfPool = (event: number, index: number) =>
    shapes[event]!.isWhole ? undefined : sectionId(event, index % poolsOf(event));
  const choice = fc.record({
    event: small(shapes.length - 1),
    index: small(SECTIONS_MAX),
    quantity: fc.integer({ min: 1, max: 4 }),
  });
  const stored = fc.array(fc.record({ choice, isCancelled: fc.boolean() }), { maxLength: 5 });
  return stored.chain((sold) => {
    const bookings = sold.map(({ choice: { event, index, quantity }, isCancelled }, number) =>
      storedBooking(idOf(0xb00 + number), [{ sectionId: idOfPool(event, index), quantity }], {
        eventId: eventId(event),
        ...(isCancelled && { status: 'cancelled' }),
      }),
    );
    const events = shapes.map(({ pools, isWhole }, event) => {
      const countsOf = (id: string | undefined, { available, held, soldToOthers }: (typeof pools)[number]) => {
        const own = bookings.filter(
          (booking) =>
            booking.eventId === eventId(event) && booking.status === 'confirmed' && booking.items[0]!.sectionId === id,
        );
        return counts(available, soldToOthers + own.reduce((sum, { quantity }) => sum + quantity, 0), held);
      };
      const fields = { id: eventId(event), revision: event + 1 };
      if (isWhole) return anEvent({ ...fields, ...countsOf(undefined, pools[0]!) });
      const sections = pools.map((shape, index) =>
        aSection(sectionId(event, index), countsOf(sectionId(event, index), shape)),
      );
      return anEventWith(sections, fields);
    });
    const book = fc.record({ first: choice, second: fc.option(choice), isMad: fc.boolean() });
    const cancel = small(bookings.length + 3);
    const commands = fc.array(fc.oneof({ weight: 3, arbitrary: book }, { weight: 1, arbitrary: cancel }), {
      maxLength: 8,
    });
    return fc.record({ commands, mayHaveCommitted: fc.boolean() }).map(({ commands: drawn, mayHaveCommitted }) => ({
      events,
      bookings,
      mayHaveCommitted,
      commands: drawn.map((draw, number): BookingCommand => {
        // Past the stored bookings, the number is that of a booking which this very plan may make, or of none.
        if (typeof draw === 'number')
          return aCancellation(idOf(draw < bookings.length ? 0xb00 + draw : 0xc00 + draw), eventId(0));
        const { first, second, isMad } = draw;
        const lines = new Map<string | undefined, number>();
        for (const line of second ? [first, second] : [first]) {
          lines.set(isMad ? sectionId(line.event, line.index) : idOfPool(first.event, line.index), line.quantity);
        }
        const wanted = [...lines].map(([id, quantity]) => ({ sectionId: id, quantity }));
        return aBooking(idOf(0xc00 + number), wanted, isMad ? eventId(EVENTS_MAX - 1) : eventId(first.event));
      }),
    }));
  });
});

const run = ({ commands, ...given }: World) => planOf(commands, given);
const total = (bookings: readonly Booking[], event: string) =>
  bookings.filter((booking) => booking.eventId === event).reduce((sum, { quantity }) => sum + quantity, 0);
const holds = (property: (world: World) => void) => fc.assert(fc.property(worlds, property), { numRuns: 300 });

describe('for any events and commands, the plan', () => {
  it('never takes what is not there, and keeps capacity = available + held + sold in every pool', () => {
    holds((world) => {
      for (const after of run(world).eventsAfter) {
        for (const { capacity, ...poolAfter } of [{ ...after, capacity: after.totalTickets }, ...after.sections]) {
          expect(capacityOf(poolAfter)).toBe(capacity);
          expect(
            Math.min(poolAfter.availableTickets, poolAfter.heldTickets, poolAfter.soldTickets),
          ).toBeGreaterThanOrEqual(0);
        }
        for (const count of ['availableTickets', 'heldTickets', 'soldTickets'] as const) {
          const bySection = after.sections.reduce((sum, section) => sum + section[count], 0);
          if (after.sections.length > 0) expect(after[count]).toBe(bySection);
        }
      }
    });
  });

  it('moves exactly what it grants and takes back', () => {
    holds((world) => {
      const { newBookings, cancelledBookings, eventsAfter } = run(world);
      for (const after of eventsAfter) {
        const before = world.events.find(({ id }) => id === after.id)!;
        const granted = total(newBookings, after.id) - total(cancelledBookings, after.id);
        expect(after.soldTickets - before.soldTickets).toBe(granted);
        expect(before.availableTickets - after.availableTickets).toBe(granted);
      }
      const written = new Set(eventsAfter.map(({ id }) => id));
      for (const { eventId: id } of [...newBookings, ...cancelledBookings]) expect(written.has(id)).toBe(true);
    });
  });

  it('answers every command, and stores a booking for every grant and for nothing else', () => {
    holds((world) => {
      const { outcomes, newBookings, cancelledBookings } = run(world);
      const grants = world.commands.flatMap((command, index) =>
        command.kind === 'book' && outcomes[index]!.kind === 'done' ? [command.bookingId] : [],
      );
      expect(outcomes).toHaveLength(world.commands.length);
      expect(newBookings.map(({ id }) => id)).toEqual(grants);
      expect(new Set(cancelledBookings.map(({ id }) => id)).size).toBe(cancelledBookings.length);
    });
  });

  it('writes each event at most once, on the revision that was read; after a commit, every event that is named', () => {
    holds((world) => {
      const { movements } = run(world);
      const written = movements.map((movement) => movement.eventId);
      expect(new Set(written).size).toBe(written.length);
      for (const { eventId: id, revision } of movements) {
        expect(revision).toBe(world.events.find((event) => event.id === id)!.revision);
      }
      const named = world.commands.map((command) => command.eventId);
      const known = named.filter((id) => world.events.some((event) => event.id === id));
      if (world.mayHaveCommitted) expect(written).toEqual(expect.arrayContaining(known));
    });
  });
});
