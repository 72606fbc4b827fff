import { describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../scripts/chaos/check-history.js';
import type { Answer, Attempt, FinalBooking, FinalState, History, Intent } from '../../scripts/chaos/history.js';

const EVENT = 'event';
const CAPACITY = 4;

const booked = (bookingId: string, isReplay = false): Answer => ({ kind: 'booked', bookingId, isReplay });
const CANCELLED: Answer = { kind: 'cancelled' };
const SOLD_OUT: Answer = { kind: 'refused', code: 'sold_out' };
const NOT_ENOUGH: Answer = { kind: 'refused', code: 'not_enough_tickets' };
const UNCHANGED: Answer = { kind: 'unchanged', code: 'overloaded' };
const UNKNOWN: Answer = { kind: 'unknown', code: 'outcome_unknown' };

/** From `startMs` to `endMs`. */
const told = (startMs: number, endMs: number, answer: Answer): Attempt => ({ startMs, endMs, answer });

/** What was stored and told in one event of four tickets. Counts that are not given are the right ones. */
class Story {
  readonly history: History = {
    pools: [{ id: EVENT, eventId: EVENT, capacity: CAPACITY }],
    intents: [],
    cancellations: [],
    holds: [],
    waits: [],
    reuses: [],
    observed: [],
  };
  private readonly bookings: FinalBooking[] = [];

  wants(userId: string, quantity: number, ...attempts: Attempt[]): this {
    const lines = [{ poolId: EVENT, quantity }];
    this.history.intents.push({ key: `key of ${userId}`, userId, eventId: EVENT, lines, attempts } satisfies Intent);
    return this;
  }

  cancels(bookingId: string, ...attempts: Attempt[]): this {
    this.history.cancellations.push({ bookingId, attempts });
    return this;
  }

  stored(id: string, userId: string, quantity: number, status: FinalBooking['status'] = 'confirmed'): this {
    this.bookings.push({ id, userId, eventId: EVENT, lines: [{ poolId: EVENT, quantity }], status });
    return this;
  }

  violations(available = CAPACITY - this.soldTickets, imbalances: string[] = []): string[] {
    const final: FinalState = {
      bookings: this.bookings,
      holds: [],
      entries: [],
      readAtMs: 0,
      events: [this.counts(available)],
      imbalances,
    };
    return checkHistory(this.history, final).map(({ kind }) => kind);
  }

  counts(available: number) {
    const pools = [{ poolId: EVENT, available }];
    return { eventId: EVENT, capacity: CAPACITY, available, held: 0, sold: CAPACITY - available, pools };
  }

  private get soldTickets(): number {
    const confirmed = this.bookings.filter(({ status }) => status === 'confirmed');
    return confirmed.reduce((sum, { lines }) => sum + lines[0]!.quantity, 0);
  }
}

const story = () => new Story();
const booking = (userId: string, quantity: number, ...attempts: Attempt[]) =>
  story()
    .wants(userId, quantity, ...attempts)
    .stored('b1', userId, quantity);
const bookedAtOnce = () => booking('ann', 2, told(0, 10, booked('b1')));
/** All four tickets are acknowledged at 10 ms. */
const soldOut = () => booking('ann', 4, told(0, 10, booked('b1')));
const cancelledAt = (startMs: number, endMs: number) =>
  story()
    .wants('ann', 4, told(0, 10, booked('b1')))
    .stored('b1', 'ann', 4, 'cancelled')
    .cancels('b1', told(startMs, endMs, CANCELLED));

describe('a history in which every promise was kept', () => {
  it.each<[string, Story]>([
    ['nothing happened', story()],
    ['booked at once', bookedAtOnce()],
    ['more wanted than there are', story().wants('bob', 5, told(0, 10, NOT_ENOUGH))],
    ['given up after "nothing was changed"', story().wants('ann', 2, told(0, 10, UNCHANGED))],
    ['booked after "nothing was changed"', booking('ann', 2, told(0, 10, UNCHANGED), told(20, 30, booked('b1')))],
    ['unknown, then booked', booking('ann', 2, told(0, 10, UNKNOWN), told(20, 30, booked('b1', true)))],
    ['unknown, then refused', soldOut().wants('bob', 1, told(0, 10, UNKNOWN), told(20, 30, SOLD_OUT))],
    [
      'repeated on purpose, with a fault in between',
      booking('ann', 1, told(0, 10, booked('b1')), told(20, 30, UNKNOWN), told(40, 50, booked('b1', true))),
    ],
    [
      'cancelled, and sold again',
      cancelledAt(20, 30)
        .wants('bob', 4, told(25, 35, booked('b2')))
        .stored('b2', 'bob', 4),
    ],
    ['refused while the last tickets are being sold', soldOut().wants('bob', 1, told(1, 5, SOLD_OUT))],
    ['refused while they are being returned', cancelledAt(20, 30).wants('bob', 1, told(29, 40, SOLD_OUT))],
    [
      'refused by the booking of somebody who does not know of it yet',
      booking('ann', 4, told(0, 10, UNKNOWN), told(80, 90, booked('b1', true))).wants('bob', 1, told(20, 30, SOLD_OUT)),
    ],
  ])('%s', (_, kept) => {
    expect(kept.violations()).toEqual([]);
  });
});

describe('a broken promise', () => {
  it.each<[string, string, Story]>([
    ['lost_booking', 'acknowledged and not stored', story().wants('ann', 2, told(0, 10, booked('b1')))],
    [
      'altered_booking',
      'acknowledged with two tickets and stored with one',
      story()
        .wants('ann', 2, told(0, 10, booked('b1')))
        .stored('b1', 'ann', 1),
    ],
    ['altered_booking', 'one booking acknowledged to two', bookedAtOnce().wants('bob', 2, told(0, 10, booked('b1')))],
    [
      'doubled_booking',
      'an unknown outcome was booked, and so was its repetition',
      booking('ann', 1, told(0, 10, UNKNOWN), told(20, 30, booked('b1'))).stored('b0', 'ann', 1),
    ],
    ['phantom_booking', 'stored, and wanted by nobody', story().stored('b1', 'zoe', 1)],
    ['refused_but_made', 'refused the tickets that it has', booking('ann', 4, told(0, 10, SOLD_OUT))],
    ['unchanged_but_made', 'told that nothing was changed', booking('ann', 1, told(0, 10, UNCHANGED))],
    [
      'false_unchanged',
      'told that nothing was changed, as the repetition shows',
      booking('ann', 1, told(0, 10, UNCHANGED), told(20, 30, booked('b1', true))),
    ],
    [
      'id_changed',
      'another id for the same key',
      booking('ann', 1, told(0, 10, booked('b1')), told(20, 30, booked('b2', true))).stored('b2', 'bob', 1),
    ],
    [
      'not_replayed',
      'the same id, and not said to be an old answer',
      booking('ann', 1, told(0, 10, booked('b1')), told(20, 30, booked('b1'))),
    ],
    ['not_replayed', 'refused what it has', booking('ann', 4, told(0, 10, booked('b1')), told(20, 30, SOLD_OUT))],
    ['unresolved', 'never told', story().wants('ann', 1, told(0, 10, UNKNOWN))],
    ['unresolved', 'never told, whatever came after', booking('ann', 1, told(0, 9, UNKNOWN), told(9, 10, UNCHANGED))],
    ['unresolved', 'never told whether it is cancelled', bookedAtOnce().cancels('b1', told(20, 30, UNKNOWN))],
    ['unexpected_answer', 'a 500', story().wants('ann', 1, told(0, 10, { kind: 'unexpected', detail: '500' }))],
    ['unexpected_answer', 'a booking refused to be cancelled', bookedAtOnce().cancels('b1', told(20, 30, SOLD_OUT))],
    ['lost_cancellation', 'cancelled and still confirmed', bookedAtOnce().cancels('b1', told(20, 30, CANCELLED))],
    [
      'uncalled_cancellation',
      'cancelled by nobody',
      story()
        .wants('ann', 2, told(0, 10, booked('b1')))
        .stored('b1', 'ann', 2, 'cancelled'),
    ],
    [
      'oversold',
      'more acknowledged at one moment than there are, though they were returned later',
      cancelledAt(40, 50)
        .wants('bob', 1, told(20, 30, booked('b2')))
        .stored('b2', 'bob', 1),
    ],
    ['false_refusal', 'sold out with all tickets left', story().wants('bob', 1, told(0, 10, SOLD_OUT))],
    [
      'false_refusal',
      'sold out with two left, and three wanted',
      bookedAtOnce().wants('bob', 3, told(20, 30, SOLD_OUT)),
    ],
    [
      'false_refusal',
      'not enough, with as many left as wanted',
      bookedAtOnce().wants('bob', 2, told(20, 30, NOT_ENOUGH)),
    ],
    ['false_refusal', 'sold out before the first request', soldOut().wants('bob', 1, told(-20, -10, SOLD_OUT))],
    [
      'false_refusal',
      'sold out after the tickets came back',
      cancelledAt(20, 30).wants('bob', 1, told(31, 40, SOLD_OUT)),
    ],
  ])('%s: %s', (kind, _, broken) => {
    expect(broken.violations()).toContain(kind);
  });

  it('key_reuse_accepted: a key that is taken with another body', () => {
    for (const [answer, kinds] of [
      [{ kind: 'key_reused' }, []],
      [UNKNOWN, []],
      [booked('b2'), ['key_reuse_accepted']],
      [SOLD_OUT, ['unexpected_answer']],
    ] as const) {
      const broken = bookedAtOnce();
      broken.history.reuses.push({ key: 'key of ann', attempt: told(20, 30, answer) });
      expect(broken.violations()).toEqual(kinds);
    }
  });

  it('wrong_counts: a ticket that is nowhere, by the bookings, by the recount or on the way', () => {
    expect(bookedAtOnce().violations(1)).toEqual(['wrong_counts']);
    expect(bookedAtOnce().violations(2, ['a movement is missing'])).toEqual(['wrong_counts']);
    const seen = bookedAtOnce();
    seen.history.observed.push({ ...seen.counts(2), sold: 1 });
    expect(seen.violations()).toEqual(['wrong_counts']);
  });

  it('negative_availability: less than nothing is left', () => {
    const seen = bookedAtOnce();
    seen.history.observed.push(seen.counts(-1));
    expect(seen.violations()).toEqual(['negative_availability']);
  });
});
