import { describe, expect, it } from '@jest/globals';
import type { Event } from '../../src/events/index.js';
import type { EditEventCommand } from '../../src/event-edits/decide/edit-event.js';
import type { Entry } from '../../src/waitlist/entry.js';
import { aCancellation, anEvent, counts, EVENT_ID, idOf, NOW, storedBooking } from '../support/factories.js';
import { randomFrom } from '../support/random.js';
import { type Replaced, WaitlistWorld } from '../support/waitlist-world.js';

const BOOKING_IDS = 1_000_000;

/** The waitlist as anybody would write it: everybody in order, each time something is free. */
class Naive {
  readonly offered: string[] = [];
  private readonly waiting: Entry[];

  constructor(
    private available: number,
    entries: Iterable<Entry>,
    private readonly tickets: Map<string, number>,
    private readonly limit: number,
  ) {
    this.waiting = [...entries];
  }

  free(quantity: number): void {
    this.available += quantity;
    for (const entry of [...this.waiting]) {
      if (this.available === 0) return;
      const had = this.tickets.get(entry.userId) ?? 0;
      if (entry.quantity > this.available || had + entry.quantity > this.limit) continue;
      this.tickets.set(entry.userId, had + entry.quantity);
      this.available -= entry.quantity;
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      this.offered.push(entry.id);
    }
  }

  get left(): number {
    return this.available;
  }
}

function waitingFor(quantity: number, number: number, userId = `user${number}`): Entry {
  return {
    id: idOf(number),
    eventId: EVENT_ID,
    userId,
    quantity,
    sectionId: undefined,
    number,
    status: 'waiting',
    joinedAt: NOW,
    offeredAt: undefined,
    offerExpiresAt: undefined,
    idempotency: undefined,
    soldBy: undefined,
  };
}

/** A sold-out event with this waitlist, and bookings of these sizes. */
function worldOf(
  entries: readonly Entry[],
  sizes: readonly number[],
  fields: Partial<Event> = {},
  replaced?: Replaced,
) {
  const sold = sizes.reduce((sum, size) => sum + size, 0);
  const waitlist = { lastNumber: entries.length, waiting: entries.length, endedUpTo: 0, reserved: [] };
  const world = new WaitlistWorld(anEvent({ ...counts(0, sold), waitlist, ...fields }), replaced);
  for (const entry of entries) world.entries.set(entry.id, entry);
  sizes.forEach((quantity, index) => {
    const id = idOf(BOOKING_IDS + index);
    world.bookings.set(id, storedBooking(id, [{ sectionId: undefined, quantity }], { userId: `buyer${index}` }));
  });
  return world;
}

function cancelling(index: number) {
  const id = idOf(BOOKING_IDS + index);
  return { ...aCancellation(id), userId: `buyer${index}`, changeId: idOf(2 * BOOKING_IDS + index) };
}

/** The ids of the entries with an offer, in the order in which they got it. */
function offeredIn(world: WaitlistWorld): string[] {
  return [...world.holds.values()].filter(({ isOffer }) => isOffer).map(({ id }) => id);
}

function drawn(random: () => number, count: number, users: number): Entry[] {
  return Array.from({ length: count }, (_, index) => {
    const userId = `user${Math.floor(random() * users)}`;
    return waitingFor(1 + Math.floor(random() * 10), index + 1, userId);
  });
}

/** Where the waitlist and the naive one differ first, cancellation by cancellation; undefined where they do not. */
function firstDifference(world: WaitlistWorld, sizes: readonly number[], limit: number): string | undefined {
  const naive = new Naive(0, world.entries.values(), new Map(), limit);
  for (const [index, size] of sizes.entries()) {
    world.do(cancelling(index));
    naive.free(size);
    const offered = offeredIn(world);
    const { availableTickets, heldTickets } = world.event;
    const isSame = offered.join() === naive.offered.join() && availableTickets === naive.left;
    if (!isSame)
      return `cancellation ${index}: ${offered.length} offers, ${naive.offered.length} of the naive one; ${heldTickets} held`;
  }
  return undefined;
}

describe('a waitlist hands over to the first whom it fits', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('as a naive one does, cancellation by cancellation (seed %i)', (seed) => {
    const random = randomFrom(seed);
    const sizes = Array.from({ length: 120 }, () => 1 + Math.floor(random() * 10));
    const limit = seed % 2 === 0 ? 12 : Infinity;
    const entries = drawn(random, 150, 40);
    const fields = limit === Infinity ? {} : { maxTicketsPerUser: limit, countsUserTickets: true };
    expect(firstDifference(worldOf(entries, sizes, fields), sizes, limit)).toBeUndefined();
  });

  it('with 100,000 who wait, and reads about three times as many of them as tickets were freed', () => {
    const random = randomFrom(9);
    const sizes = Array.from({ length: 60 }, () => 1 + Math.floor(random() * 10));
    const world = worldOf(drawn(random, 100_000, 100_000), sizes);
    expect(firstDifference(world, sizes, Infinity)).toBeUndefined();
    const freed = sizes.reduce((sum, size) => sum + size, 0);
    expect(world.read.entries).toBeLessThanOrEqual(3 * freed);
    expect(world.read.lookups).toBe(sizes.length);
  });

  it('also when 60,000 who want more stand before', () => {
    const entries = [...Array.from({ length: 60_000 }, (_, index) => waitingFor(2, index + 1)), waitingFor(1, 60_001)];
    const world = worldOf(entries, [1]);
    world.do(cancelling(0));
    expect(offeredIn(world)).toEqual([idOf(60_001)]);
    expect(world.read.entries).toBe(1);
  });

  it('past many who may have no more: what is not handed over at once stays reserved, and is nobody else’s', () => {
    const blocked = Array.from({ length: 300 }, (_, index) => waitingFor(1, index + 1, 'hoarder'));
    const world = worldOf([...blocked, waitingFor(1, 301, 'ann')], [3], {
      maxTicketsPerUser: 2,
      countsUserTickets: true,
    });
    world.userTickets.set('hoarder', 1);
    world.commit(cancelling(0));
    expect(world.event).toMatchObject({ availableTickets: 0, heldTickets: 3 });
    expect(world.event.waitlist?.reserved).toEqual([{ sectionId: undefined, quantity: 2, after: expect.any(Number) }]);
    world.settle();
    expect(offeredIn(world)).toEqual([idOf(1), idOf(301)]);
    // Nobody else may have the third.
    expect(world.event).toMatchObject({
      availableTickets: 1,
      heldTickets: 2,
      waitlist: { waiting: 299, reserved: [] },
    });
  });

  it('many at once: more capacity goes to as many as it is for, in several transactions', () => {
    const world = worldOf(drawn(randomFrom(5), 3_000, 3_000), [1]);
    const naive = new Naive(0, world.entries.values(), new Map(), Infinity);
    const edit: EditEventCommand = {
      kind: 'editEvent',
      eventId: EVENT_ID,
      editId: idOf(77),
      versions: undefined,
      patch: { totalTickets: 5_001 },
      by: undefined,
      at: NOW,
    };
    world.commit(edit);
    expect(world.event.availableTickets).toBe(0);
    world.settle();
    naive.free(5_000);
    expect(offeredIn(world)).toEqual(naive.offered);
    expect(world.event).toMatchObject({ availableTickets: naive.left, waitlist: { reserved: [] } });
  });

  it('and the comparison finds a waitlist that lets the public have what became free', () => {
    const random = randomFrom(3);
    const sizes = Array.from({ length: 40 }, () => 1 + Math.floor(random() * 10));
    const world = worldOf(drawn(random, 100, 30), sizes, {}, { freeingRules: [] });
    expect(firstDifference(world, sizes, Infinity)).toBeDefined();
  });
});
