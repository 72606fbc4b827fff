import { describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../scripts/chaos/check-history.js';
import type {
  Answer,
  Attempt,
  FinalBooking,
  FinalHold,
  History,
  HoldIntent,
  HoldStatus,
  Step,
} from '../../scripts/chaos/history.js';

const EVENT = 'event';
const CAPACITY = 4;
const TTL_SECONDS = 10;
/** Of the hold that is made at the beginning of every story. */
const END = TTL_SECONDS * 1_000;

const held = (holdId = 'h1', expiresAtMs = END, isReplay = false): Answer => {
  return { kind: 'held', holdId, expiresAtMs, isReplay };
};
const booked = (bookingId = 'h1'): Answer => ({ kind: 'booked', bookingId, isReplay: false });
const extended = (expiresAtMs: number): Answer => ({ kind: 'extended', expiresAtMs });
const was = (state: HoldStatus): Answer => ({ kind: 'ended', was: state });
const RELEASED: Answer = { kind: 'released' };
const SOLD_OUT: Answer = { kind: 'refused', code: 'sold_out' };
const UNCHANGED: Answer = { kind: 'unchanged', code: 'overloaded' };
const UNKNOWN: Answer = { kind: 'unknown', code: 'outcome_unknown' };

/** From `startMs` to `endMs`. */
const told = (startMs: number, endMs: number, answer: Answer): Attempt => ({ startMs, endMs, answer });

/** What was stored and told in one event of four tickets, of holds of two tickets each. Counts are the right ones. */
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

  wants(userId: string, ...attempts: Attempt[]): this {
    const lines = [{ poolId: EVENT, quantity: 2 }];
    const asked = { key: `key of ${userId}`, userId, eventId: EVENT, lines, attempts };
    this.history.holds.push({ ...asked, ttlSeconds: TTL_SECONDS, steps: [] });
    return this;
  }

  /** Something that the latest one who wants a hold does with it. */
  takes(kind: Step['kind'], ...attempts: Attempt[]): this {
    return this.add({ kind, holdId: 'h1', attempts });
  }

  pays(paymentReference: string, ...attempts: Attempt[]): this {
    return this.add({ kind: 'confirm', holdId: 'h1', paymentReference, attempts });
  }

  stored(status: HoldStatus, more: Partial<FinalHold> = {}): this {
    const lines = [{ poolId: EVENT, quantity: 2 }];
    const hold = { id: 'h1', userId: 'ann', eventId: EVENT, lines, createdAtMs: 0, expiresAtMs: END, settlements: [] };
    this.holds.push({ ...hold, status, ...more });
    return this;
  }

  booking(id = 'h1', quantity = 2, userId = 'ann'): this {
    const lines = [{ poolId: EVENT, quantity }];
    this.bookings.push({ id, userId, eventId: EVENT, lines, status: 'confirmed' });
    return this;
  }

  violations({ heldTickets = this.heldTickets, readAtMs = END - 1 } = {}): string[] {
    const sold = this.bookings.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
    const available = CAPACITY - heldTickets - sold;
    const pools = [{ poolId: EVENT, available }];
    const counts = { eventId: EVENT, capacity: CAPACITY, available, held: heldTickets, sold, pools };
    const final = {
      bookings: this.bookings,
      holds: this.holds,
      entries: [],
      readAtMs,
      events: [counts],
      imbalances: [],
    };
    return checkHistory(this.history, final).map(({ kind }) => kind);
  }

  private add(step: Step): this {
    (this.history.holds.at(-1) as HoldIntent).steps.push(step);
    return this;
  }

  private get heldTickets(): number {
    return 2 * this.holds.filter(({ status }) => status === 'active').length;
  }
}

const holding = () => new Story().wants('ann', told(0, 10, held()));
const settled = (...outcomes: ('booked' | 'refund_due')[]) => ({
  settlements: outcomes.map((outcome, index) => ({ reference: `pay-${index + 1}`, outcome })),
});
const confirmed = () =>
  holding()
    .takes('confirm', told(20, 30, booked()))
    .stored('confirmed')
    .booking();
const paid = (...attempts: Attempt[]) =>
  holding()
    .pays('pay-1', ...attempts)
    .stored('confirmed', settled('booked'))
    .booking();
const released = () =>
  holding()
    .takes('release', told(20, 30, RELEASED))
    .stored('released');
const expired = () => holding().stored('expired');

describe('a history of holds in which every promise was kept', () => {
  it.each<[string, Story]>([
    ['active', holding().stored('active')],
    ['confirmed', confirmed()],
    ['confirmed, and told so again', confirmed().takes('confirm', told(40, 50, booked()))],
    ['released, and told so again long after the end', released().takes('release', told(END * 2, END * 3, RELEASED))],
    ['expired', expired()],
    [
      'unknown, then held',
      new Story().wants('ann', told(0, 9, UNKNOWN), told(9, 20, held('h1', END, true))).stored('active'),
    ],
    [
      'extended',
      holding()
        .takes('extend', told(50, 60, extended(END + 50)))
        .stored('active', { expiresAtMs: END + 50 }),
    ],
    ['extended too late', expired().takes('extend', told(END, END + 10, was('expired')))],
    ['paid', paid(told(20, 30, UNCHANGED), told(30, 40, UNKNOWN), told(50, 60, booked()))],
    ['paid too late, and bought', paid(told(END, END + 9, booked()))],
    [
      'paid twice: the second payment is given back',
      holding()
        .pays('pay-1', told(20, 30, booked()))
        .pays('pay-2', told(20, 30, was('confirmed')))
        .stored('confirmed', settled('booked', 'refund_due'))
        .booking(),
    ],
    [
      'paid after the release',
      holding()
        .takes('release', told(20, 30, RELEASED))
        .pays('pay-1', told(40, 50, was('released')))
        .stored('released', settled('refund_due')),
    ],
    [
      'refused while all tickets are held',
      holding()
        .stored('active')
        .wants('bob', told(20, 30, held('h2')))
        .wants('cid', told(40, 50, SOLD_OUT))
        .stored('active', { id: 'h2', userId: 'bob' }),
    ],
    [
      'held again after the end',
      expired()
        .wants('bob', told(END, END + 5, held('h2', 2 * END)))
        .stored('active', { id: 'h2', userId: 'bob', expiresAtMs: 2 * END }),
    ],
  ])('%s', (_, kept) => {
    expect(kept.violations()).toEqual([]);
  });
});

describe('a broken promise', () => {
  const refunded = (...attempts: Attempt[]) =>
    holding()
      .pays('pay-1', ...attempts)
      .stored('expired', settled('refund_due'));
  const LATE = told(END * 2, END * 2 + 10, was('expired'));

  it.each<[string, string, Story]>([
    ['lost_hold', 'acknowledged and not stored', holding()],
    [
      'altered_hold',
      'one hold acknowledged to two',
      holding()
        .stored('active')
        .wants('bob', told(0, 10, held())),
    ],
    [
      'doubled_hold',
      'an unknown one was made, and so was its repetition',
      holding().stored('active').stored('expired', { id: 'h0' }),
    ],
    ['phantom_hold', 'stored, and wanted by nobody', new Story().stored('active')],
    [
      'refused_but_made',
      'refused the tickets that it has',
      new Story().wants('ann', told(0, 9, SOLD_OUT)).stored('active'),
    ],
    [
      'unchanged_but_made',
      'told that nothing was changed',
      new Story().wants('ann', told(0, 9, UNCHANGED)).stored('active'),
    ],
    [
      'id_changed',
      'another id for the same key',
      new Story().wants('ann', told(0, 9, held()), told(10, 20, held('h2', END, true))).stored('active'),
    ],
    [
      'not_replayed',
      'the same id, and not said to be an old answer',
      new Story().wants('ann', told(0, 9, held()), told(10, 20, held())).stored('active'),
    ],
    [
      'unresolved',
      'never told whether it is released',
      holding()
        .takes('release', told(20, 30, UNKNOWN))
        .stored('released'),
    ],
    ['unresolved', 'a payment that was never taken', paid(told(20, 30, UNCHANGED))],
    ['unexpected_answer', 'released by a confirmation', confirmed().takes('confirm', told(40, 50, RELEASED))],
    ['unexpected_answer', 'booked with another id', confirmed().takes('confirm', told(40, 50, booked('h2')))],
    [
      'lost_booking',
      'confirmed without a booking',
      holding()
        .takes('confirm', told(20, 30, booked()))
        .stored('confirmed'),
    ],
    [
      'lost_booking',
      'confirmed with a booking of another id',
      holding()
        .takes('confirm', told(20, 30, booked()))
        .stored('confirmed')
        .booking('b1'),
    ],
    ['phantom_booking', 'a released one is booked', released().booking()],
    ['phantom_booking', 'two bookings of one hold', confirmed().booking('b1')],
    ['phantom_booking', 'booked without a hold', new Story().wants('ann', told(0, 9, UNCHANGED)).booking()],
    [
      'altered_booking',
      'held two tickets and booked one',
      holding()
        .takes('confirm', told(20, 30, booked()))
        .stored('confirmed')
        .booking('h1', 1),
    ],
    ['contradicted', 'confirmed, and stored as expired', expired().takes('confirm', told(20, 30, booked()))],
    ['contradicted', 'released, and stored as confirmed', confirmed().takes('release', told(20, 30, RELEASED))],
    [
      'contradicted',
      'said to be confirmed, and stored as released',
      released().takes('extend', told(40, 50, was('confirmed'))),
    ],
    ['contradicted', 'said to be expired, and stored as released', released().takes('extend', LATE)],
    ['contradicted', 'confirmed, and later said to be expired', confirmed().takes('release', LATE)],
    ['contradicted', 'a payment that has booked, and is stored as a refund', refunded(told(20, 30, booked()))],
    ['contradicted', 'a payment that was refused, and has booked', paid(LATE)],
    ['contradicted', 'a payment that was refused, and then has booked', paid(LATE, told(END * 2, END * 3, booked()))],
    ['uncalled_end', 'released by nobody', holding().stored('released')],
    [
      'uncalled_end',
      'confirmed by nobody',
      holding()
        .takes('confirm', told(20, 30, UNCHANGED))
        .stored('confirmed')
        .booking(),
    ],
    [
      'wrong_end',
      'two seconds later than asked for',
      new Story().wants('ann', told(0, 9, held('h1', END + 2_000))).stored('active', { expiresAtMs: END + 2_000 }),
    ],
    [
      'wrong_end',
      'two seconds earlier',
      new Story().wants('ann', told(0, 9, held('h1', END - 2_000))).stored('active', { expiresAtMs: END - 2_000 }),
    ],
    [
      'wrong_end',
      'stored with an earlier end than was told',
      holding()
        .takes('extend', told(20, 30, extended(END + 20)))
        .stored('active'),
    ],
    [
      'ended_early',
      'said to be expired two seconds before the end',
      expired().takes('extend', told(20, END - 2_000, was('expired'))),
    ],
    [
      'kept_too_long',
      'extended two seconds after the end',
      holding()
        .takes('extend', told(END + 2_000, END + 2_010, extended(END * 2)))
        .stored('active', { expiresAtMs: END * 2 }),
    ],
    [
      'kept_too_long',
      'released two seconds after the end',
      holding()
        .takes('release', told(END + 2_000, END + 2_010, RELEASED))
        .stored('released'),
    ],
    [
      'payment_without_outcome',
      'confirmed, and the payment is not stored',
      holding()
        .pays('pay-1', told(20, 30, booked()))
        .stored('confirmed')
        .booking(),
    ],
    [
      'payment_without_outcome',
      'stored with another hold',
      confirmed()
        .pays('pay-1', told(40, 50, was('confirmed')))
        .wants('bob', told(60, 70, held('h2')))
        .stored('active', { id: 'h2', userId: 'bob', ...settled('refund_due') }),
    ],
    [
      'payment_with_two_outcomes',
      'booked by one hold, given back by another',
      paid(told(20, 30, booked()))
        .wants('bob', told(40, 50, held('h2')))
        .stored('active', { id: 'h2', userId: 'bob', ...settled('refund_due') }),
    ],
    [
      'paid_twice',
      'both payments have booked',
      holding()
        .pays('pay-1', told(20, 30, booked()))
        .pays('pay-2', told(40, 50, booked()))
        .stored('confirmed', settled('booked', 'booked'))
        .booking(),
    ],
    ['phantom_payment', 'a payment that nobody has made', holding().stored('expired', settled('refund_due'))],
    [
      'oversold',
      'more held at one moment than there is',
      holding()
        .stored('active')
        .wants('bob', told(0, 10, held('h2')))
        .stored('active', { id: 'h2', userId: 'bob' })
        .wants('cid', told(20, 30, held('h3')))
        .stored('active', { id: 'h3', userId: 'cid' }),
    ],
    [
      'false_refusal',
      'sold out after the end of a hold',
      expired().wants('bob', told(END + 2_000, END + 2_010, SOLD_OUT)),
    ],
    ['false_refusal', 'sold out with all tickets left', new Story().wants('bob', told(0, 10, SOLD_OUT))],
    ['false_refusal', 'sold out after all was released', released().wants('bob', told(40, 50, SOLD_OUT))],
    ['false_refusal', 'confirmed too late, with all tickets left', expired().takes('confirm', LATE)],
  ])('%s: %s', (kind, _, broken) => {
    expect(broken.violations()).toContain(kind);
  });

  it('wrong_counts: another number of held tickets than active holds have', () => {
    expect(holding().stored('active').violations({ heldTickets: 1 })).toContain('wrong_counts');
    expect(expired().violations({ heldTickets: 1 })).toContain('wrong_counts');
  });

  it('overdue_hold: still active after its end', () => {
    expect(
      holding()
        .stored('active')
        .violations({ readAtMs: END + 1 }),
    ).toEqual(['overdue_hold']);
  });
});
