import fc from 'fast-check';
import type { Event, EventStatus } from '../../../src/events/event.js';
import { anEvent, anEventWith, aSection, counts, idOf } from '../../support/factories.js';
import type { Fate } from './network.js';
import { POISON } from './simulated-database.js';
import type { WireFate } from './wire.js';

export interface DrawnWish {
  readonly userId: string;
  readonly key: string | undefined;
  readonly lines: readonly { readonly section: number; readonly quantity: number }[];
}

export interface DrawnPart {
  readonly key: string;
  readonly lines: DrawnWish['lines'];
}

/** What an organiser wants. It has seen the event as it is, or as it was an edit ago; undefined where it does not look. */
export interface DrawnEdit {
  readonly what: 'capacity' | 'status' | 'limit' | 'add' | 'remove' | 'delete';
  readonly section: number;
  readonly capacity: number;
  readonly limit: number | null;
  readonly status: EventStatus;
  readonly missed: number | undefined;
}

/** One thing that happens. Numbers choose among what there is at that moment. */
export type Step =
  | { readonly does: 'book' | 'hold' | 'join'; readonly at: number; readonly event: number; readonly wish: DrawnWish }
  | {
      readonly does: 'repeat' | 'release' | 'extend' | 'leave';
      readonly at: number;
      readonly call: number;
    }
  | { readonly does: 'confirm'; readonly at: number; readonly call: number; readonly payment: string | undefined }
  | { readonly does: 'cancel'; readonly at: number; readonly call: number; readonly part: DrawnPart | undefined }
  | { readonly does: 'transfer'; readonly at: number; readonly call: number; readonly to: string }
  | { readonly does: 'edit'; readonly at: number; readonly event: number; readonly edit: DrawnEdit }
  | { readonly does: 'hang up'; readonly call: number }
  | { readonly does: 'deliver'; readonly message: number; readonly count: number }
  | { readonly does: 'meddle'; readonly message: number; readonly fate: Fate }
  | { readonly does: 'wait'; readonly at: number; readonly ms: number }
  | { readonly does: 'crash'; readonly at: number }
  | { readonly does: 'believe'; readonly at: number; readonly event: number; readonly owner: number }
  | { readonly does: 'pass on'; readonly message: number; readonly count: number }
  | { readonly does: 'tamper'; readonly message: number; readonly fate: WireFate }
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

/** Few are deleted: nothing more happens to them. */
const edits = [
  ...(['capacity', 'status', 'capacity', 'status', 'capacity', 'status'] as const),
  ...(['limit', 'limit', 'limit', 'add', 'add', 'remove', 'remove', 'delete'] as const),
];

const edit: fc.Arbitrary<DrawnEdit> = fc.record({
  what: fc.constantFrom(...edits),
  section: upTo(1),
  capacity: upTo(5),
  limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null, freq: 2 }),
  status: fc.constantFrom<EventStatus[]>('paused', 'paused', 'on_sale', 'on_sale', 'on_sale', 'cancelled'),
  missed: fc.constantFrom(undefined, 0, 0, 0, 1),
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

/** What happens only where processes take each other for owners. */
const ROUTED = [
  { weight: 6, arbitrary: fc.record({ does: kind('believe'), at, event: upTo(1), owner: at }) },
  { weight: 8, arbitrary: fc.record({ does: kind('pass on'), message, count: upTo(4) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: kind('tamper'),
      message,
      fate: fc.constantFrom<WireFate[]>('lost', 'doubled', 'forged', 'lost', 'doubled'),
    }),
  },
];

const stepOf = (isRouted: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ does: kind('book'), at, event: upTo(1), wish }) },
    { weight: 5, arbitrary: fc.record({ does: kind('hold'), at, event: upTo(1), wish }) },
    { weight: 5, arbitrary: fc.record({ does: kind('join'), at, event: upTo(1), wish }) },
    { weight: 2, arbitrary: fc.record({ does: kind('leave'), at, call }) },
    { weight: 3, arbitrary: fc.record({ does: kind('confirm'), at, call, payment }) },
    { weight: 2, arbitrary: fc.record({ does: kind('release'), at, call }) },
    { weight: 2, arbitrary: fc.record({ does: kind('extend'), at, call }) },
    { weight: 3, arbitrary: fc.record({ does: kind('repeat'), at, call }) },
    {
      weight: 5,
      arbitrary: fc.record({ does: kind('cancel'), at, call, part: fc.option(part, { nil: undefined, freq: 2 }) }),
    },
    { weight: 3, arbitrary: fc.record({ does: kind('transfer'), at, call, to: fc.constantFrom('ann', 'bob') }) },
    { weight: 5, arbitrary: fc.record({ does: kind('edit'), at, event: upTo(1), edit }) },
    { weight: 1, arbitrary: fc.record({ does: kind('hang up'), call }) },
    { weight: 8, arbitrary: fc.record({ does: kind('deliver'), message, count: upTo(24) }) },
    { weight: 4, arbitrary: fc.record({ does: kind('meddle'), message, fate }) },
    { weight: 3, arbitrary: fc.record({ does: kind('wait'), at, ms: fc.constantFrom(10, 100, 800, 1_000, 4_000) }) },
    { weight: 1, arbitrary: fc.record({ does: kind('crash'), at }) },
    { weight: 1, arbitrary: fc.record({ does: kind('pause or resume'), event: upTo(1) }) },
    ...(isRouted ? ROUTED : []),
    { weight: 1, arbitrary: fc.record({ does: kind('expire') }) },
  );

/** An event of one pool and one of two sections, and what happens to them. */
const schedulesOf = (isRouted: boolean): fc.Arbitrary<Schedule> =>
  fc.record({
    events: fc
      .record({ pool: upTo(5), sections: fc.tuple(upTo(4), upTo(4)), limits: fc.tuple(limit, limit) })
      .map(toEvents),
    steps: fc.array(stepOf(isRouted), { maxLength: 60, size: 'max' }),
    seed: fc.noShrink(fc.nat()),
  });
export const schedules = schedulesOf(false);
/** Processes send each other commands, and may be wrong about who owns what. */
export const routedSchedules = schedulesOf(true);

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
