import { describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../scripts/chaos/check-history.js';
import type {
  Answer,
  Attempt,
  EntryStatus,
  FinalBooking,
  FinalEntry,
  FinalHold,
  History,
  HoldStatus,
  Step,
  WaitIntent,
} from '../../scripts/chaos/history.js';

const EVENT = 'event';
const CAPACITY = 4;
/** When the offer of a story is made, and when it ends. */
const OFFERED = 20_000;
const END = 30_000;

const joined = (entryId = 'e1', status: EntryStatus = 'waiting', isReplay = false): Answer => {
  return { kind: 'joined', entryId, status, isReplay };
};
const entry = (status: EntryStatus): Answer => ({ kind: 'entry', status });
const booked = (bookingId: string): Answer => ({ kind: 'booked', bookingId, isReplay: false });
const AVAILABLE: Answer = { kind: 'refused', code: 'tickets_available' };
const SOLD_OUT: Answer = { kind: 'refused', code: 'sold_out' };
const RELEASED: Answer = { kind: 'released' };
const CANCELLED: Answer = { kind: 'cancelled' };
const UNCHANGED: Answer = { kind: 'unchanged', code: 'overloaded' };
const UNKNOWN: Answer = { kind: 'unknown', code: 'outcome_unknown' };

/** From `startMs` to `endMs`. */
const told = (startMs: number, endMs: number, answer: Answer): Attempt => ({ startMs, endMs, answer });

/** What was stored and told of the waitlist of one event of four tickets, which are all sold at its beginning. */
class Story {
  private readonly history: History = {
    pools: [{ id: EVENT, eventId: EVENT, capacity: CAPACITY }],
    intents: [],
    cancellations: [],
    holds: [],
    waits: [],
    reuses: [],
    observed: [],
  };
  private readonly bookings: FinalBooking[] = [];
  private readonly holds: FinalHold[] = [];
  private readonly entries: FinalEntry[] = [];

  /** Tickets that are sold before anybody waits; returned at a moment, if one is given. */
  sold(id: string, quantity: number, returnedAtMs?: number): this {
    const isReturned = returnedAtMs !== undefined;
    if (isReturned) {
      const attempts = [told(returnedAtMs, returnedAtMs + 10, CANCELLED)];
      this.history.cancellations.push({ bookingId: id, attempts });
    }
    return this.bought(id, quantity, told(0, 5, booked(id)), isReturned ? 'cancelled' : 'confirmed');
  }

  bought(id: string, quantity: number, attempt: Attempt, status: FinalBooking['status'] = 'confirmed'): this {
    const userId = `buyer of ${id}`;
    this.bookings.push({ id, userId, eventId: EVENT, lines: [{ poolId: EVENT, quantity }], status });
    return this.wants(userId, quantity, attempt);
  }

  wants(userId: string, quantity: number, attempt: Attempt): this {
    const lines = [{ poolId: EVENT, quantity }];
    this.history.intents.push({ key: `key of ${userId}`, userId, eventId: EVENT, lines, attempts: [attempt] });
    return this;
  }

  waits(userId: string, ...attempts: Attempt[]): this {
    const lines = [{ poolId: EVENT, quantity: 2 }];
    const asked = { key: `key of ${userId}`, userId, eventId: EVENT, lines, attempts };
    this.history.waits.push({ ...asked, steps: [], looks: [] });
    return this;
  }

  looks(...attempts: Attempt[]): this {
    this.latest.looks.push(...attempts);
    return this;
  }

  takes(kind: Step['kind'], ...attempts: Attempt[]): this {
    this.latest.steps.push({ kind, holdId: 'e1', attempts });
    return this;
  }

  entry(status: EntryStatus, more: Partial<FinalEntry> = {}): this {
    const lines = [{ poolId: EVENT, quantity: 2 }];
    this.entries.push({ id: 'e1', userId: 'ann', eventId: EVENT, lines, number: 1, status, ...more });
    return this;
  }

  offer(status: HoldStatus, more: Partial<FinalHold> = {}): this {
    const lines = [{ poolId: EVENT, quantity: 2 }];
    const hold = { id: 'e1', userId: 'ann', eventId: EVENT, lines, createdAtMs: OFFERED, expiresAtMs: END };
    this.holds.push({ ...hold, settlements: [], status, ...more });
    return this;
  }

  /** What came of the offer of the latest entry. */
  purchase(id = 'e1', userId = 'ann'): this {
    const lines = [{ poolId: EVENT, quantity: 2 }];
    this.bookings.push({ id, userId, eventId: EVENT, lines, status: 'confirmed' });
    return this;
  }

  violations(): string[] {
    const count = (all: readonly FinalBooking[] | readonly FinalHold[], status: string) =>
      all
        .filter((one) => one.status === status)
        .flatMap(({ lines }) => lines)
        .reduce((sum, { quantity }) => sum + quantity, 0);
    const [sold, held] = [count(this.bookings, 'confirmed'), count(this.holds, 'active')];
    const available = CAPACITY - sold - held;
    const counts = { eventId: EVENT, capacity: CAPACITY, available, held, sold };
    const events = [{ ...counts, pools: [{ poolId: EVENT, available }] }];
    const { bookings, holds, entries } = this;
    const final = { bookings, holds, entries, readAtMs: END - 1, events, imbalances: [] };
    return checkHistory(this.history, final).map(({ kind }) => kind);
  }

  private get latest(): WaitIntent {
    return this.history.waits.at(-1) as WaitIntent;
  }
}

/** All tickets are sold, and somebody waits for two. */
const waiting = () => new Story().sold('b1', 4).waits('ann', told(10, 20, joined()));
/** Two tickets were given back while somebody waits for two. */
const returned = () =>
  new Story()
    .sold('b1', 2)
    .sold('b2', 2, OFFERED)
    .waits('ann', told(10, 20, joined()));
const offered = () => returned().looks(told(OFFERED + 50, OFFERED + 60, entry('offered')));
const accepted = () =>
  offered()
    .takes('confirm', told(OFFERED + 100, OFFERED + 110, booked('e1')))
    .entry('accepted')
    .offer('confirmed')
    .purchase();
const second = { id: 'e2', userId: 'bob', number: 2 };

describe('a history of a waitlist in which every promise was kept', () => {
  it.each<[string, Story]>([
    ['still waiting', waiting().entry('waiting')],
    [
      'unknown, then joined',
      new Story()
        .sold('b1', 4)
        .waits('ann', told(10, 20, UNKNOWN), told(20, 30, joined('e1', 'waiting', true)))
        .entry('waiting'),
    ],
    ['told that tickets are there', new Story().waits('ann', told(10, 20, AVAILABLE))],
    [
      'left',
      waiting()
        .takes('leave', told(30, 40, entry('left')))
        .entry('left'),
    ],
    ['offered', offered().entry('offered').offer('active')],
    ['accepted', accepted()],
    [
      'declined',
      offered()
        .takes('release', told(OFFERED + 100, OFFERED + 110, RELEASED))
        .entry('left')
        .offer('released'),
    ],
    [
      'left when it was offered',
      offered()
        .takes('leave', told(OFFERED + 100, OFFERED + 110, entry('left')))
        .entry('left')
        .offer('released'),
    ],
    [
      'expired',
      offered()
        .entry('expired')
        .offer('expired', { expiresAtMs: END - 5_000 }),
    ],
    [
      'expired, and bought too late',
      offered()
        .looks(told(END + 10, END + 20, entry('expired')))
        .takes('confirm', told(END + 30, END + 40, booked('e1')))
        .entry('accepted')
        .offer('confirmed')
        .purchase(),
    ],
    [
      'left, and told its first answer again',
      waiting()
        .takes('leave', told(30, 40, entry('left')))
        .waits('bob', told(50, 60, joined('e2')), told(70, 80, joined('e2', 'waiting', true)))
        .takes('leave', told(62, 66, entry('left')))
        .entry('left')
        .entry('left', second),
    ],
    [
      'the next in the order was offered what the first has left',
      offered()
        .takes('leave', told(OFFERED + 100, OFFERED + 110, entry('left')))
        .entry('left')
        .offer('released')
        .waits('bob', told(30, 40, joined('e2')))
        .entry('offered', second)
        .offer('active', { id: 'e2', userId: 'bob', createdAtMs: OFFERED + 105 }),
    ],
    [
      'refused while tickets are offered',
      offered()
        .entry('offered')
        .offer('active')
        .wants('cid', 1, told(OFFERED + 20, OFFERED + 30, SOLD_OUT)),
    ],
    [
      'bought by somebody while too few are free for who waits',
      new Story()
        .sold('b1', 3)
        .sold('b2', 1, OFFERED)
        .waits('ann', told(10, 20, joined()))
        .entry('waiting')
        .bought('b3', 1, told(OFFERED + 20, OFFERED + 30, booked('b3'))),
    ],
  ])('%s', (_, kept) => {
    expect(kept.violations()).toEqual([]);
  });
});

describe('a broken promise to who waits', () => {
  const late = (milliseconds: number, answer: Answer) =>
    told(OFFERED + milliseconds, OFFERED + milliseconds + 10, answer);
  it.each<[string, string, Story]>([
    ['lost_entry', 'acknowledged and not stored', waiting()],
    ['altered_entry', 'stored for another user', waiting().entry('waiting', { userId: 'bob' })],
    ['doubled_entry', 'stored twice', waiting().entry('waiting').entry('waiting', { id: 'e0', number: 2 })],
    ['phantom_entry', 'wanted by nobody', new Story().entry('waiting')],
    [
      'refused_but_made',
      'told that tickets are there',
      new Story().waits('ann', told(10, 20, AVAILABLE)).entry('waiting'),
    ],
    [
      'unchanged_but_made',
      'told that nothing was changed',
      new Story().waits('ann', told(10, 20, UNCHANGED)).entry('waiting'),
    ],
    [
      'id_changed',
      'another id for the same key',
      waiting()
        .entry('waiting')
        .waits('ann', told(30, 40, joined()), told(50, 60, joined('e2', 'waiting', true))),
    ],
    [
      'not_replayed',
      'a new answer to an old key',
      new Story().waits('ann', told(10, 20, joined()), told(30, 40, joined())).entry('waiting'),
    ],
    [
      'unresolved',
      'never told whether it is left',
      waiting()
        .takes('leave', told(30, 40, UNKNOWN))
        .entry('left'),
    ],
    [
      'unexpected_answer',
      'left by a confirmation',
      offered()
        .takes('confirm', late(50, entry('left')))
        .entry('offered')
        .offer('active'),
    ],
    ['uncalled_end', 'left by nobody', waiting().entry('left')],
    ['uncalled_end', 'declined by nobody', offered().entry('left').offer('released')],
    [
      'contradicted',
      'told that it is left, and stored as waiting',
      waiting()
        .takes('leave', told(30, 40, entry('left')))
        .entry('waiting'),
    ],
    [
      'contradicted',
      'offered, and later waiting again',
      offered()
        .looks(late(100, entry('waiting')))
        .entry('offered')
        .offer('active'),
    ],
    [
      'contradicted',
      'bought, and stored as declined',
      offered()
        .takes('confirm', late(100, booked('e1')))
        .takes('release', late(200, UNKNOWN), late(300, RELEASED))
        .entry('left')
        .offer('released'),
    ],
    ['lost_hold', 'told of an offer that is not stored', offered().entry('waiting')],
    ['phantom_hold', 'an offer with another id', offered().entry('offered').offer('active', { id: 'h1' })],
    [
      'altered_hold',
      'another number of tickets was offered',
      offered()
        .entry('offered')
        .offer('active', { lines: [{ poolId: EVENT, quantity: 1 }] }),
    ],
    [
      'offered_twice',
      'two offers for one entry',
      offered().entry('offered').offer('active').offer('expired', { id: 'h1' }),
    ],
    ['wrong_entry', 'the offer has ended, the entry has not', offered().entry('offered').offer('expired')],
    ['wrong_entry', 'offered without an offer', waiting().entry('offered')],
    [
      'lost_booking',
      'bought, and not booked',
      offered()
        .takes('confirm', late(100, booked('e1')))
        .entry('accepted')
        .offer('confirmed'),
    ],
    ['phantom_booking', 'booked without an offer', waiting().entry('waiting').purchase()],
    [
      'overtaken',
      'the public bought what was returned',
      returned()
        .entry('waiting')
        .bought('b3', 2, late(50, booked('b3'))),
    ],
    [
      'overtaken',
      'the second in the order was offered what the first waits for',
      returned()
        .entry('waiting')
        .waits('bob', told(30, 40, joined('e2')))
        .entry('offered', second)
        .offer('active', { id: 'e2', userId: 'bob' }),
    ],
    ['waits_in_vain', 'tickets that fit are there, and nobody has them', returned().entry('waiting')],
    [
      'oversold',
      'offered, and sold to somebody else at the same time',
      offered()
        .entry('offered')
        .offer('active')
        .bought('b3', 2, late(100, booked('b3'))),
    ],
  ])('%s: %s', (kind, _, broken) => {
    expect(broken.violations()).toContain(kind);
  });
});
