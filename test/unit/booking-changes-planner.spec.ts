import { describe, expect, it } from '@jest/globals';
import { purchaseOf } from '../../src/bookings/booking.js';
import type { CancelCommand } from '../../src/bookings/decide/cancel.js';
import {
  after,
  all,
  countsOf,
  FIRST,
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
import { aBooking, anEventWith, aSection, counts, idOf, storedBooking } from '../support/factories.js';
import { planOf as plan } from '../support/plan.js';

const SECOND = idOf(2);
const [STALLS, BALCONY] = [idOf(0xa), idOf(0xb)];

describe('a plan of partial cancellations', () => {
  it('takes two parts of one booking out of it in one batch, and writes it once', () => {
    const { outcomes, returned, stored, newChanges, eventsAfter } = plan([part(ONE, 1), part(TWO, 2)], given);

    expect(verdicts(outcomes)).toEqual(['user123 3', 'user123 1']);
    expect(returned).toEqual([1, 2]);
    expect(stored).toEqual([
      { ...sold, items: [{ ...sold.items[0], quantity: 1 }], quantity: 1, bought: purchaseOf(sold), changes: 2 },
    ]);
    expect(newChanges).toMatchObject([
      { id: ONE, number: 1, lines: [{ quantity: 1 }], after: { lines: [{ quantity: 3 }] } },
      { id: TWO, number: 2, lines: [{ quantity: 2 }], after: { lines: [{ quantity: 1 }] } },
    ]);
    expect(eventsAfter[0]).toMatchObject(counts(3, 1));
  });

  it('refuses the part that is more than an earlier one of its batch has left', () => {
    const { outcomes, eventsAfter } = plan([part(ONE, 3), part(TWO, 2), part(THREE, 1)], given);
    expect(verdicts(outcomes)).toEqual(['user123 1', 'not_enough_tickets', 'user123 0']);
    expect(eventsAfter[0]).toMatchObject(counts(4, 0));
  });

  it.each([
    ['a part and then all', [part(ONE, 1), all(TWO)], ['user123 3', 'user123 0'], [1, 3]],
    ['all and then a part', [all(ONE), part(TWO, 1)], ['user123 0', 'not_enough_tickets'], [4, 0]],
    ['all twice', [all(ONE), all(TWO)], ['user123 0', 'user123 0'], [4, 0]],
  ])('returns every ticket once for %s in one batch', (_what, commands, expected, tickets) => {
    const { outcomes, returned, eventsAfter } = plan(commands, given);
    expect(verdicts(outcomes)).toEqual(expected);
    expect(returned).toEqual(tickets);
    expect(eventsAfter[0]).toMatchObject(counts(4, 0));
  });

  it('returns the rest of what an earlier plan has left, and not what was bought', () => {
    const { movements, stored } = plan([all(TWO)], after([part(ONE, 3)], given));
    expect(movements[0]!.lines).toEqual([{ kind: 'cancelled', bookingId: FIRST, sectionId: undefined, quantity: 1 }]);
    expect(stored).toMatchObject([{ status: 'cancelled', quantity: 1, bought: purchaseOf(sold), changes: 2 }]);
  });

  it('keeps what is left of each section by itself', () => {
    const lines = [
      { sectionId: STALLS, quantity: 2 },
      { sectionId: BALCONY, quantity: 1 },
    ];
    const events = [anEventWith([aSection(STALLS, counts(0, 2)), aSection(BALCONY, counts(0, 1))])];
    const of = (changeId: string, sectionId: string, quantity = 1): CancelCommand => ({
      ...part(changeId, 1),
      lines: [{ sectionId, quantity }],
    });
    const { outcomes, stored } = plan([of(ONE, BALCONY), of(TWO, BALCONY), of(THREE, STALLS)], {
      events,
      bookings: [storedBooking(FIRST, lines)],
    });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'done']);
    expect(stored[0]!.items).toMatchObject([{ sectionId: STALLS, quantity: 1 }]);
  });

  it('lets the next command of the batch have the tickets', () => {
    const { outcomes } = plan([part(ONE, 1), aBooking(SECOND, 2), aBooking(SECOND, 1)], given);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'done']);
  });
});

describe('a plan of transfers', () => {
  it('gives what is left to the receiver, counts it for that user alone, and moves no ticket', () => {
    const before = after([madeFor('ann', part(ONE, 1))], limited);
    const { outcomes, stored, newChanges, movements, eventsAfter, userTickets } = plan(
      [transferTo('bob', TWO)],
      before,
    );

    expect(verdicts(outcomes)).toEqual(['bob 3']);
    expect(stored).toMatchObject([{ userId: 'bob', quantity: 3, bought: { userId: 'ann' }, changes: 2 }]);
    expect(newChanges).toMatchObject([{ id: TWO, kind: 'transferred', number: 2, after: { userId: 'bob' } }]);
    expect(movements[0]!.lines).toEqual([{ kind: 'transferred', bookingId: FIRST, sectionId: undefined, quantity: 3 }]);
    expect(eventsAfter[0]).toMatchObject(counts(11, 4));
    expect(userTickets).toEqual(countsOf({ ann: 0, bob: 4 }));
  });

  it('goes there and back in one batch, and writes the booking once', () => {
    const { outcomes, stored, newChanges, userTickets } = plan(
      [transferTo('bob', ONE), transferTo('ann', TWO), transferTo('ann', THREE)],
      limited,
    );
    expect(verdicts(outcomes)).toEqual(['bob 4', 'ann 4', 'ann 4']);
    expect(stored).toMatchObject([{ userId: 'ann', changes: 2 }]);
    expect(newChanges.map(({ id }) => id)).toEqual([ONE, TWO]);
    expect(userTickets).toEqual(countsOf({ ann: 4, bob: 1 }));
  });

  it('refuses a receiver who would have more than the limit, and changes nothing', () => {
    const { outcomes, stored, userTickets } = plan([transferTo('bob', ONE)], {
      ...limited,
      userTickets: countsOf({ ann: 4, bob: 2 }),
    });
    expect(verdicts(outcomes)).toEqual(['user_limit_reached']);
    expect([stored, [...userTickets]]).toEqual([[], []]);
  });

  it('counts the tickets of who has them when they are cancelled later in the batch', () => {
    const commands = [transferTo('bob', ONE), madeFor('ann', part(TWO, 1)), madeFor('ann', all(THREE))];
    const { outcomes, userTickets } = plan(commands, limited);
    expect(verdicts(outcomes)).toEqual(['bob 4', 'bob 3', 'bob 0']);
    expect(userTickets).toEqual(countsOf({ ann: 0, bob: 1 }));
  });

  it('transfers no more than an earlier cancellation of the batch has left', () => {
    const cancelPart = madeFor('ann', part(ONE, 3));
    const { outcomes, userTickets } = plan([cancelPart, transferTo('bob', TWO)], limited);
    expect(verdicts(outcomes)).toEqual(['ann 1', 'bob 1']);
    expect(userTickets).toEqual(countsOf({ ann: 0, bob: 2 }));
    expect(verdicts(plan([madeFor('ann', all(ONE)), transferTo('bob', TWO)], limited).outcomes)).toEqual([
      'ann 0',
      'wrong_state',
    ]);
  });

  it('lets the giver book again, and the receiver no more than is left of the limit', () => {
    const commands = [
      madeFor('ann', aBooking(SECOND, 2)),
      transferTo('bob', ONE),
      madeFor('ann', aBooking(SECOND, 5)),
      madeFor('bob', aBooking(idOf(3), 1)),
    ];
    const { outcomes } = plan(commands, limited);
    expect(verdicts(outcomes)).toEqual(['user_limit_reached', 'bob 4', 'ann 5', 'user_limit_reached']);
  });
});
