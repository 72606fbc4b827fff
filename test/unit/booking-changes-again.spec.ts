import { describe, expect, it } from '@jest/globals';
import { toBookingView } from '../../src/bookings/api/booking.view.js';
import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../../src/bookings/booking-change.js';
import type { AboutBooking } from '../../src/bookings/decide/about-booking.js';
import { cancel } from '../../src/bookings/decide/cancel.js';
import type { CommandKind, Known, Outcome } from '../../src/bookings/decide/command.js';
import type { Lookup } from '../../src/bookings/decide/lookup.js';
import { transfer } from '../../src/bookings/decide/transfer.js';
import { USER_TICKETS } from '../../src/bookings/decide/user-tickets.js';
import {
  after,
  all,
  countsOf,
  given,
  limited,
  madeFor,
  ONE,
  part,
  sold,
  THREE,
  transferTo,
  TWO,
  verdicts,
} from '../support/booking-changes.js';
import { anEvent, byId, idOf } from '../support/factories.js';
import { type BookingCommand, type Given, planOf as plan } from '../support/plan.js';

type Kind = CommandKind<AboutBooking>;

/** What the callers see. */
const shown = (outcomes: readonly Outcome<Booking>[]) =>
  outcomes.map((outcome) =>
    outcome.kind === 'done' ? { ...outcome, result: toBookingView(outcome.result) } : outcome.problem,
  );

describe('the key of a part', () => {
  it('returns the part once, in one batch or in two', () => {
    const again = part(TWO, 1, 'key');
    const first = [part(ONE, 1, 'key')];
    const together = plan([...first, again], given);
    const later = plan([again], after(first, given));

    expect(together.returned).toEqual([1, 0]);
    expect(later.returned).toEqual([0]);
    expect(later.movements).toEqual([]);
    expect(later.outcomes).toEqual([together.outcomes[1]]);
    expect(later.outcomes[0]).toMatchObject({ isReplay: true, result: { quantity: 3, changes: 1 } });
  });

  it('gets its first answer again whatever has happened since', () => {
    const [first] = plan([part(ONE, 1, 'key')], given).outcomes;
    const steps = [part(ONE, 1, 'key'), transferTo('bob', TWO, 'user123'), all(THREE)];
    const { outcomes, movements } = plan([part(idOf(0xc4), 1, 'key')], after(steps, given));
    expect(outcomes).toEqual([{ ...first, isReplay: true }]);
    expect(movements).toEqual([]);
  });

  it('is refused for another part', () => {
    const { outcomes, stored } = plan([part(TWO, 2, 'key')], after([part(ONE, 1, 'key')], given));
    expect(verdicts(outcomes)).toEqual(['idempotency_key_reused']);
    expect(stored).toEqual([]);
  });
});

describe('a booking that got another user since the command was made', () => {
  const now: Booking = { ...sold, userId: 'bob' };
  const known: Known = { events: byId(limited.events![0]!), mayHaveCommitted: false };
  const usersIn = (lookups: readonly Lookup[]) =>
    lookups.filter(({ table }) => table === USER_TICKETS.name).map(({ value }) => value);
  const documents = new Map([[BOOKINGS.name, [now]]]);

  it.each([
    ['cancellation', cancel as Kind, madeFor('ann', all(ONE)), ['ann']],
    ['transfer', transfer as Kind, transferTo('eve', ONE), ['ann', 'eve']],
  ])('has the count of that user read for a %s', (_what, kind, command, first) => {
    const ofBob: AboutBooking = { ...command, userId: 'bob' };
    expect(usersIn(kind.lookups(command, known))).toEqual(first);
    expect(usersIn(kind.follow!(command, known, documents))).toEqual(['bob']);
    expect(kind.follow!(ofBob, known, documents)).toEqual([]);
    expect(kind.follow!(command, known, new Map())).toEqual([]);
  });

  it('takes the tickets from the count of that user', () => {
    const before = { ...limited, bookings: [now], userTickets: countsOf({ ann: 2, bob: 4, eve: 0 }) };
    const { userTickets } = plan([madeFor('ann', part(ONE, 1)), transferTo('eve', TWO)], before);
    expect(userTickets).toEqual(countsOf({ bob: 0, eve: 3 }));
  });
});

describe('a later attempt of a change', () => {
  const again = (commands: readonly BookingCommand[], before: Given) =>
    plan(commands, { ...before, mayHaveCommitted: true });
  const changeIn = (lookups: readonly Lookup[]) =>
    lookups.filter(({ table, by }) => table === BOOKING_CHANGES.name && by === 'id').map(({ value }) => value);

  it.each([
    ['cancellation', cancel as Kind, all(ONE)],
    ['transfer', transfer as Kind, transferTo('bob', ONE)],
  ])('looks for what the earlier one may have done: a %s', (_what, kind, command) => {
    const known = (mayHaveCommitted: boolean): Known => ({ events: byId(anEvent()), mayHaveCommitted });
    expect(changeIn(kind.lookups(command, known(true)))).toEqual([ONE]);
    expect(changeIn(kind.lookups(command, known(false)))).toEqual([]);
  });

  it.each([
    ['a part', [part(ONE, 1)]],
    ['all', [all(ONE)]],
    ['a part and all', [part(ONE, 1), all(TWO)]],
    ['a transfer', [transferTo('bob', ONE)]],
    ['a transfer there and back', [transferTo('bob', ONE), transferTo('user123', TWO)]],
    ['a transfer and a part', [transferTo('bob', ONE), part(TWO, 1)]],
  ])('finds it, answers the same, and changes nothing: %s', (_what, commands) => {
    const first = plan(commands, given);
    const second = again(commands, after(commands, given));
    expect(shown(second.outcomes)).toEqual(shown(first.outcomes));
    expect(second.returned).toEqual(first.returned);
    expect([second.stored, second.newChanges]).toEqual([[], []]);
    expect(second.movements.map(({ lines }) => lines)).toEqual([[]]);
  });

  it('finds it also where the booking was changed again since', () => {
    const first = plan([transferTo('bob', ONE)], limited);
    const since = after(
      [transferTo('ann', TWO), madeFor('ann', part(THREE, 1))],
      after([transferTo('bob', ONE)], limited),
    );
    const second = again([transferTo('bob', ONE)], since);
    expect(second.outcomes).toEqual(first.outcomes);
    expect(second.stored).toEqual([]);
  });

  it('does what the earlier one has not done, as if it were the first', () => {
    const { outcomes, newChanges } = again([part(ONE, 1), part(TWO, 1)], after([part(ONE, 1)], given));
    expect(verdicts(outcomes)).toEqual(['user123 3', 'user123 2']);
    expect(newChanges.map(({ id }: BookingChange) => id)).toEqual([TWO]);
  });
});
