import fc from 'fast-check';
import type { Line } from '../../../src/bookings/booking.js';
import type { Event } from '../../../src/events/event.js';
import { anEvent, anEventWith, aSection, counts, idOf } from '../../support/factories.js';
import { settle } from '../../support/fake-clock.js';
import { randomFrom } from '../../support/random.js';
import type { Call } from './calls.js';
import type { Part, Wish } from './model.js';
import { DELIVERED, type Fate } from './network.js';
import { POISON } from './simulated-database.js';
import type { Parts } from './simulated-process.js';
import { bookingsIn, holdsIn } from './simulated-store.js';
import { World } from './world.js';

interface DrawnWish {
  readonly userId: string;
  readonly key: string | undefined;
  readonly lines: readonly { readonly section: number; readonly quantity: number }[];
}

interface DrawnPart {
  readonly key: string;
  readonly lines: DrawnWish['lines'];
}

/** One thing that happens. Numbers choose among what there is at that moment. */
type Step =
  | { readonly does: 'book' | 'hold'; readonly at: number; readonly event: number; readonly wish: DrawnWish }
  | {
      readonly does: 'repeat' | 'release' | 'extend';
      readonly at: number;
      readonly call: number;
    }
  | { readonly does: 'confirm'; readonly at: number; readonly call: number; readonly payment: string | undefined }
  | { readonly does: 'cancel'; readonly at: number; readonly call: number; readonly part: DrawnPart | undefined }
  | { readonly does: 'transfer'; readonly at: number; readonly call: number; readonly to: string }
  | { readonly does: 'hang up'; readonly call: number }
  | { readonly does: 'deliver'; readonly message: number; readonly count: number }
  | { readonly does: 'meddle'; readonly message: number; readonly fate: Fate }
  | { readonly does: 'wait'; readonly at: number; readonly ms: number }
  | { readonly does: 'crash'; readonly at: number }
  | { readonly does: 'pause or resume'; readonly event: number }
  | { readonly does: 'expire' };

export interface Schedule {
  readonly events: readonly Event[];
  readonly steps: readonly Step[];
  /** For the pauses between attempts. */
  readonly seed: number;
}

const upTo = (max: number) => fc.integer({ min: 0, max });
const at = upTo(1);
const call = upTo(30);
const message = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: upTo(5) });
const limit = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });

const wish: fc.Arbitrary<DrawnWish> = fc.record({
  userId: fc.constantFrom('ann', 'bob', 'ann', 'bob', 'ann', 'bob', POISON),
  key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined, freq: 2 }),
  lines: fc.array(fc.record({ section: upTo(1), quantity: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
});

const payment = fc.option(fc.constantFrom('pay1', 'pay2'), { nil: undefined, freq: 2 });

const part: fc.Arbitrary<DrawnPart> = fc.record({
  key: fc.constantFrom('p1', 'p2'),
  lines: fc.array(fc.record({ section: upTo(1), quantity: fc.constantFrom(1, 1, 2) }), { minLength: 1, maxLength: 2 }),
});

const fate: fc.Arbitrary<Fate> = fc.constantFrom<Fate[]>(
  { effect: 'now', answer: 'held' },
  { effect: 'now', answer: 'connection lost' },
  { effect: 'now', answer: 'said to have failed' },
  { effect: 'later', answer: 'connection lost' },
  { effect: 'later', answer: 'said to have failed' },
  { effect: 'never', answer: 'connection lost' },
  { effect: 'never', answer: 'said to have failed' },
);

const kind = <Name extends string>(name: Name) => fc.constant(name);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: kind('book'), at, event: upTo(1), wish }) },
  { weight: 5, arbitrary: fc.record({ does: kind('hold'), at, event: upTo(1), wish }) },
  { weight: 3, arbitrary: fc.record({ does: kind('confirm'), at, call, payment }) },
  { weight: 2, arbitrary: fc.record({ does: kind('release'), at, call }) },
  { weight: 2, arbitrary: fc.record({ does: kind('extend'), at, call }) },
  { weight: 3, arbitrary: fc.record({ does: kind('repeat'), at, call }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: kind('cancel'), at, call, part: fc.option(part, { nil: undefined, freq: 2 }) }),
  },
  { weight: 3, arbitrary: fc.record({ does: kind('transfer'), at, call, to: fc.constantFrom('ann', 'bob') }) },
  { weight: 1, arbitrary: fc.record({ does: kind('hang up'), call }) },
  { weight: 8, arbitrary: fc.record({ does: kind('deliver'), message, count: upTo(24) }) },
  { weight: 4, arbitrary: fc.record({ does: kind('meddle'), message, fate }) },
  { weight: 3, arbitrary: fc.record({ does: kind('wait'), at, ms: fc.constantFrom(10, 100, 1_000, 4_000) }) },
  { weight: 1, arbitrary: fc.record({ does: kind('crash'), at }) },
  { weight: 1, arbitrary: fc.record({ does: kind('pause or resume'), event: upTo(1) }) },
  { weight: 1, arbitrary: fc.record({ does: kind('expire') }) },
);

/** An event of one pool and one of two sections, and what happens to them. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  events: fc
    .record({ pool: upTo(5), sections: fc.tuple(upTo(4), upTo(4)), limits: fc.tuple(limit, limit) })
    .map(toEvents),
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
  seed: fc.noShrink(fc.nat()),
});

interface DrawnEvents {
  readonly pool: number;
  readonly sections: readonly number[];
  readonly limits: readonly (number | undefined)[];
}

function toEvents({ pool, sections, limits }: DrawnEvents): Event[] {
  const parts = sections.map((available, index) => aSection(idOf(0xa0 + index), counts(available)));
  return [
    anEvent({ ...counts(pool), id: idOf(0xe0), maxTicketsPerUser: limits[0] }),
    anEventWith(parts, { id: idOf(0xe1), maxTicketsPerUser: limits[1] }),
  ];
}

/** Lets it all happen, and then lets everything end. */
export async function run({ events, steps, seed }: Schedule, plant: (parts: Parts) => void = () => {}): Promise<World> {
  const { random } = Math;
  Math.random = randomFrom(seed);
  try {
    const world = new World(events, plant);
    for (const step of steps) {
      await take(world, events, step);
      await settle();
    }
    await world.finish();
    return world;
  } finally {
    Math.random = random;
  }
}

async function take(world: World, events: readonly Event[], step: Step): Promise<void> {
  switch (step.does) {
    case 'book':
      world.book(step.at, events[step.event]!.id, toWish(events[step.event]!, step.wish));
      return;
    case 'hold':
      world.hold(step.at, events[step.event]!.id, toWish(events[step.event]!, step.wish));
      return;
    case 'repeat':
      repeat(world, step.at, step.call);
      return;
    case 'cancel':
    case 'transfer': {
      const taken = world.calls.filter(({ wish }) => wish);
      const isWhole = step.does === 'cancel' && !step.part;
      const chosen = chooseBooked(world, taken, step.call, isWhole);
      if (!chosen) return;
      const { sections } = events.find(({ id }) => id === chosen.eventId)!;
      if (step.does === 'transfer') world.transfer(step.at, chosen, step.to);
      else world.cancel(step.at, chosen, step.part && toPart(sections, step.part));
      return;
    }
    case 'confirm':
    case 'release':
    case 'extend': {
      const held = world.calls.filter(({ does }) => does === 'hold');
      const made = held.filter(({ bookingId }) => holdsIn(world.store.latest).has(bookingId));
      const chosen = choose(made, step.call) ?? choose(held, step.call);
      if (!chosen) return;
      if (step.does !== 'confirm') world[step.does](step.at, chosen);
      else world.confirm(step.at, chosen, step.payment && `${step.payment} ${chosen.eventId}`);
      return;
    }
    case 'hang up': {
      const left = choose(world.calls, step.call);
      if (left) left.hasDisconnected = true;
      return;
    }
    case 'deliver':
      for (let left = step.count; left > 0; left--) await world.deliver(step.message, DELIVERED);
      return;
    case 'meddle':
      return world.deliver(step.message, step.fate);
    case 'wait':
      return world.pass(step.at, step.ms);
    case 'crash':
      world.crash(step.at);
      return;
    case 'pause or resume':
      world.pauseOrResume(events[step.event]!.id);
      return;
    case 'expire':
      world.store.abortAll();
      return;
  }
}

function choose<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % items.length];
}

/** One of the bookings that there are; where there is none, one that may be made, if that will do. */
function chooseBooked(world: World, calls: readonly Call[], number: number, orWanted = true): Call | undefined {
  const made = calls.filter(({ bookingId }) => bookingsIn(world.store.latest).has(bookingId));
  return choose(made, number) ?? (orWanted ? choose(calls, number) : undefined);
}

/** Sends once more what somebody has sent. */
function repeat(world: World, at: number, number: number): void {
  const chosen = chooseBooked(
    world,
    world.calls.filter(({ wish, part, to }) => wish ?? part ?? to),
    number,
  );
  if (!chosen) return;
  const { does, eventId, wish, part, to } = chosen;
  if (wish) world[does === 'hold' ? 'hold' : 'book'](at, eventId, wish);
  else if (to === undefined) world.cancel(at, chosen, part);
  else world.transfer(at, chosen, to);
}

function toWish({ sections }: Event, { userId, key, lines: drawn }: DrawnWish): Wish {
  const lines = toLines(sections, drawn);
  return { userId, key, lines, text: JSON.stringify({ userId, lines }) };
}

function toPart(sections: Event['sections'], { key, lines: drawn }: DrawnPart): Part {
  const lines = toLines(sections, drawn);
  return { key, lines, text: JSON.stringify({ lines }) };
}

function toLines(sections: Event['sections'], drawn: DrawnWish['lines']): Line[] {
  return drawn.map(({ section, quantity }) => ({ sectionId: sections[section]?.id, quantity }));
}
