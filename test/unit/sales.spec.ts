import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MOVEMENT_KINDS, type MovementKind } from '../../src/events/inventory/movement.js';
import { rangeOf, type SalesRange, STEP_SECONDS_MAX, toBuckets } from '../../src/events/sales.js';
import { EFFECTS } from '../support/mirror.js';

const NOW = Date.parse('2026-01-13T10:30:00.000Z');
const OPENED = NOW - 1_000_000;
const EVENT = { salesStartAt: undefined, createdAt: new Date(OPENED) };
const wish = { from: undefined, to: undefined, stepSeconds: undefined };
const INVALID = { status: 400, code: 'validation_failed' };
const DAY_MS = 86_400_000;

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('the range of sales', () => {
  it('goes from the creation of the event until now', () => {
    expect(rangeOf(wish, EVENT, NOW)).toEqual({ from: OPENED, to: NOW, stepSeconds: 2, buckets: 500, endsNow: true });
  });

  it('begins with the sale, if that has begun', () => {
    for (const [salesStartAt, from] of [
      [NOW - 5_000, NOW - 5_000],
      [OPENED - 5_000, OPENED - 5_000],
      [NOW, OPENED],
      [NOW + 1, OPENED],
    ] as const) {
      expect(rangeOf(wish, { ...EVENT, salesStartAt }, NOW).from).toBe(from);
    }
  });

  it('ends now at the latest', () => {
    for (const [to, end, endsNow] of [
      [NOW + 1, NOW, true],
      [NOW, NOW, true],
      [NOW - 1, NOW - 1, false],
    ] as const) {
      expect(rangeOf({ ...wish, to }, EVENT, NOW)).toMatchObject({ to: end, endsNow });
    }
  });

  it('is never empty by default: an event that is made in this millisecond has one bucket', () => {
    for (const createdAt of [new Date(NOW), new Date(NOW + 100)]) {
      expect(rangeOf(wish, { ...EVENT, createdAt }, NOW)).toMatchObject({ from: NOW - 1, to: NOW, buckets: 1 });
    }
  });

  it.each([
    ['from is to', { from: NOW - 5, to: NOW - 5 }],
    ['from is after to', { from: NOW - 4, to: NOW - 5 }],
    ['from is now', { from: NOW }],
    ['to is before the event was made', { to: OPENED }],
  ])('is refused where %s', (_what, times) => {
    expect(thrownBy(() => rangeOf({ ...wish, ...times }, EVENT, NOW))).toMatchObject({
      ...INVALID,
      errors: [{ pointer: '#/from' }],
    });
  });

  it.each([
    [1, 1],
    [500_000, 1],
    [500_001, 2],
    [1_000_001, 5],
    [500 * 3_600_000, 3_600],
    [500 * 3_600_000 + 1, 7_200],
    [500 * DAY_MS, 86_400],
    [500 * DAY_MS + 1, 2 * 86_400],
    [1_600 * DAY_MS, 4 * 86_400],
  ])('of %d ms has by default a step of %d s', (length, stepSeconds) => {
    expect(rangeOf({ ...wish, from: NOW - length }, EVENT, NOW).stepSeconds).toBe(stepSeconds);
  });

  it('has 500 buckets at most, and names the least step that makes no more', () => {
    const length = fc.integer({ min: 1, max: 3_000_000 * DAY_MS });
    fc.assert(
      fc.property(length, fc.integer({ min: 1, max: STEP_SECONDS_MAX }), (milliseconds, stepSeconds) => {
        const asked = { ...wish, from: NOW - milliseconds };
        const chosen = rangeOf(asked, EVENT, NOW);
        expect(chosen.buckets).toBeLessThanOrEqual(500);
        expect(chosen.stepSeconds).toBeLessThanOrEqual(STEP_SECONDS_MAX);
        const isTooMany = Math.ceil(milliseconds / 1_000 / stepSeconds) > 500;
        if (!isTooMany) {
          expect(rangeOf({ ...asked, stepSeconds }, EVENT, NOW)).toMatchObject({ stepSeconds });
          return;
        }
        const refusal = thrownBy(() => rangeOf({ ...asked, stepSeconds }, EVENT, NOW)) as { message: string };
        expect(refusal).toMatchObject({ ...INVALID, errors: [{ pointer: '#/step' }] });
        const least = Number(/at least (\d+)$/.exec(refusal.message)?.[1]);
        expect(rangeOf({ ...asked, stepSeconds: least }, EVENT, NOW).buckets).toBeLessThanOrEqual(500);
        expect(thrownBy(() => rangeOf({ ...asked, stepSeconds: least - 1 }, EVENT, NOW))).toMatchObject(INVALID);
      }),
    );
  });
});

describe('the buckets of sales', () => {
  const range: SalesRange = { from: 0, to: 25_000, stepSeconds: 10, buckets: 3, endsNow: false };
  const none = { booked: 0, confirmed: 0, cancelled: 0, held: 0, released: 0, expired: 0, imported: 0 };
  const state = (totalTickets: number, availableTickets: number, heldTickets: number, soldTickets: number) => {
    return { totalTickets, availableTickets, heldTickets, soldTickets };
  };

  it('are each there, also where nothing has moved, and the last one ends with the range', () => {
    expect(toBuckets(state(10, 7, 1, 2), range, [])).toEqual(
      [10_000, 20_000, 25_000].map((at) => ({ at, ...state(10, 7, 1, 2), ...none })),
    );
  });

  it('go back from the event over what moved after them and in them', () => {
    const moved = [
      { bucket: 0, kind: 'opened', quantity: 10 },
      { bucket: 1, kind: 'held', quantity: 3 },
      { bucket: 2, kind: 'confirmed', quantity: 2 },
      { bucket: 2, kind: 'reserved', quantity: 1 },
      { bucket: 3, kind: 'booked', quantity: 4 },
    ] as const;
    expect(toBuckets(state(10, 2, 2, 6), range, moved)).toEqual([
      { at: 10_000, ...state(10, 10, 0, 0), ...none },
      { at: 20_000, ...state(10, 7, 3, 0), ...none, held: 3 },
      { at: 25_000, ...state(10, 6, 2, 2), ...none, confirmed: 2 },
    ]);
  });

  it('are refused where the event itself is not balanced', () => {
    expect(() => toBuckets(state(10, 7, 1, 3), range, [])).toThrow('balanced');
  });

  it('are what a recount from the first movement on finds', () => {
    const movement = fc.record({
      at: fc.integer({ min: -5_000, max: 60_000 }),
      kind: fc.constantFrom(...MOVEMENT_KINDS),
      quantity: fc.integer({ min: 1, max: 1_000 }),
    });
    const ranges = fc.record({
      length: fc.integer({ min: 1, max: 50_000 }),
      stepSeconds: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 40 }), ranges, (movements, { length, stepSeconds }) => {
        const buckets = Math.ceil(length / 1_000 / stepSeconds);
        const asked: SalesRange = { from: 0, to: length, stepSeconds, buckets, endsNow: false };
        const ends = Array.from({ length: buckets }, (_, index) => Math.min((index + 1) * stepSeconds * 1_000, length));
        const bucketOf = (at: number) => {
          const index = ends.findIndex((end) => at <= end);
          return index === -1 ? buckets : index;
        };
        const moved = movements
          .filter(({ at }) => at > 0)
          .map(({ at, kind, quantity }) => ({ bucket: bucketOf(at), kind, quantity }));

        const found = toBuckets(recount(movements), asked, moved);

        expect(found).toHaveLength(buckets);
        found.forEach((bucket, index) => {
          const end = ends[index]!;
          expect(bucket).toMatchObject({ at: end, ...recount(movements.filter(({ at }) => at <= end)) });
          for (const kind of Object.keys(none)) {
            const within = movements.filter((each) => each.kind === kind && each.at > 0 && bucketOf(each.at) === index);
            expect(bucket[kind as 'booked']).toBe(within.reduce((sum, { quantity }) => sum + quantity, 0));
          }
        });
      }),
    );
  });
});

/** The counts after these movements, by code that shares nothing with the product's. */
function recount(movements: readonly { kind: MovementKind; quantity: number }[]) {
  const [available, held, sold] = [0, 1, 2].map((count) =>
    movements.reduce((sum, { kind, quantity }) => sum + EFFECTS[kind]![count]! * quantity, 0),
  ) as [number, number, number];
  return {
    totalTickets: available + held + sold,
    availableTickets: available,
    heldTickets: held,
    soldTickets: sold,
  };
}
