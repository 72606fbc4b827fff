import { describe, expect, it } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.js';
import type { Outcome } from '../../src/bookings/decide/command.js';
import {
  aBooking,
  aCancellation,
  anEvent,
  anEventWith,
  aSection,
  counts,
  EVENT_ID,
  idOf,
  NOW,
  storedBooking,
} from '../support/factories.js';
import { type BookingCommand, type Given, planOf } from '../support/plan.js';

const [FIRST, SECOND, THIRD] = [idOf(1), idOf(2), idOf(3)];
const ON_SALE = { status: 'on_sale', maxTicketsPerUser: undefined };
const [STALLS, BALCONY] = [idOf(0xa), idOf(0xb)];

const plan = planOf;

const verdicts = (outcomes: readonly Outcome<Booking>[]) =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.problem.code : outcome.result.status));

const refusal = (command: BookingCommand, given?: Given) => {
  const { outcomes, newBookings, cancelledBookings, movements } = plan([command], given);
  expect({ newBookings, cancelledBookings, movements }).toEqual({
    newBookings: [],
    cancelledBookings: [],
    movements: [],
  });
  return outcomes[0]!.kind === 'refused' ? outcomes[0]!.problem : undefined;
};

describe('a plan of bookings', () => {
  it('grants first come, first served, and refuses who comes too late', () => {
    const { outcomes, newBookings } = plan([aBooking(FIRST, 2), aBooking(SECOND, 2), aBooking(THIRD, 1)], {
      events: [anEvent(counts(3, 7))],
    });

    expect(verdicts(outcomes)).toEqual(['confirmed', 'not_enough_tickets', 'confirmed']);
    expect(newBookings.map(({ id }) => id)).toEqual([FIRST, THIRD]);
  });

  it('decides several commands for one event in one movement, on the revision that was read', () => {
    const { movements, eventsAfter } = plan([aBooking(FIRST, 2), aBooking(SECOND, 3)]);

    expect(movements).toEqual([
      {
        eventId: EVENT_ID,
        revision: 7,
        terms: ON_SALE,
        lines: [
          { kind: 'booked', sectionId: undefined, bookingId: FIRST, quantity: 2 },
          { kind: 'booked', sectionId: undefined, bookingId: SECOND, quantity: 3 },
        ],
      },
    ]);
    expect(eventsAfter).toEqual([anEvent({ ...counts(5, 5), revision: 8 })]);
  });

  it('gives all the sections of a booking or none of them', () => {
    const event = anEventWith([aSection(STALLS, counts(5)), aSection(BALCONY, counts(1))]);
    const both = (quantity: number) => [
      { sectionId: STALLS, quantity: 2 },
      { sectionId: BALCONY, quantity },
    ];

    const { outcomes, movements } = plan([aBooking(FIRST, both(2)), aBooking(SECOND, both(1))], { events: [event] });

    expect(verdicts(outcomes)).toEqual(['not_enough_tickets', 'confirmed']);
    expect(movements[0]!.lines.map(({ bookingId, sectionId }) => [bookingId, sectionId])).toEqual([
      [SECOND, STALLS],
      [SECOND, BALCONY],
    ]);
  });

  it("does not sell a section's tickets through its neighbour", () => {
    const event = anEventWith([aSection(STALLS, counts(5)), aSection(BALCONY, counts(0, 5))]);
    const { outcomes } = plan([aBooking(FIRST, [{ sectionId: BALCONY, quantity: 1 }])], { events: [event] });
    expect(verdicts(outcomes)).toEqual(['sold_out']);
  });

  it('keeps what was bought at the price it had, and what the shop wants to find again', () => {
    const price = { amount: 4500, currency: 'EUR' };
    const event = anEventWith([aSection(STALLS, { price })]);
    const command = {
      ...aBooking(FIRST, [{ sectionId: STALLS, quantity: 2 }]),
      reference: 'A-1',
      metadata: { a: 'b' },
    };

    const booking: Booking = {
      ...storedBooking(FIRST, [{ sectionId: STALLS, quantity: 2 }]),
      items: [{ sectionId: STALLS, quantity: 2, price }],
      reference: 'A-1',
      metadata: { a: 'b' },
    };
    const { outcomes, newBookings } = plan([command], { events: [event] });
    expect(outcomes).toEqual([{ kind: 'done', isReplay: false, result: booking }]);
    expect(newBookings).toEqual([booking]);
  });

  it('writes each of several events by itself, and none that nothing moves in', () => {
    const [other, untouched] = [anEvent({ id: idOf(0xf), revision: 3 }), anEvent({ id: idOf(0x10), ...counts(0, 5) })];
    const commands = [aBooking(FIRST, 1), aBooking(SECOND, 2, other.id), aBooking(THIRD, 1, untouched.id)];

    const { movements } = plan(commands, { events: [anEvent(), other, untouched] });

    expect(movements.map(({ eventId, revision }) => [eventId, revision])).toEqual([
      [EVENT_ID, 7],
      [other.id, 3],
    ]);
  });
});

describe('a plan of cancellations', () => {
  const sold = storedBooking(FIRST, [{ sectionId: undefined, quantity: 3 }]);
  const event = anEvent(counts(0, 3));

  it('returns the tickets, keeps the booking and says when', () => {
    const { outcomes, cancelledBookings, eventsAfter } = plan([aCancellation(FIRST)], {
      events: [event],
      bookings: [sold],
    });
    const cancelled: Booking = { ...sold, status: 'cancelled', cancelledAt: NOW, changes: 1 };
    expect(outcomes).toEqual([{ kind: 'done', isReplay: false, result: cancelled }]);
    expect(cancelledBookings).toEqual([cancelled]);
    expect(eventsAfter[0]).toMatchObject(counts(3, 0));
  });

  it('returns them once, however often it is asked, in one plan', () => {
    const { outcomes, cancelledBookings, eventsAfter } = plan([aCancellation(FIRST), aCancellation(FIRST)], {
      events: [event],
      bookings: [sold],
    });
    expect(verdicts(outcomes)).toEqual(['cancelled', 'cancelled']);
    expect(cancelledBookings).toHaveLength(1);
    expect(eventsAfter[0]).toMatchObject(counts(3, 0));
  });

  it('writes nothing for a booking that is cancelled already', () => {
    const cancelled: Booking = { ...sold, status: 'cancelled', cancelledAt: NOW, changes: 1 };
    const { outcomes, movements } = plan([aCancellation(FIRST)], { events: [event], bookings: [cancelled] });
    expect(outcomes).toEqual([{ kind: 'done', isReplay: false, result: cancelled }]);
    expect(movements).toEqual([]);
  });

  it('lets who comes after it have the tickets, and not who came before', () => {
    const commands = [aBooking(SECOND, 1), aCancellation(FIRST), aBooking(THIRD, 3)];
    const { outcomes } = plan(commands, { events: [event], bookings: [sold] });
    expect(verdicts(outcomes)).toEqual(['sold_out', 'cancelled', 'confirmed']);
  });

  it('cancels what the same plan has booked', () => {
    const { outcomes, newBookings, cancelledBookings, eventsAfter } = plan([
      aBooking(SECOND, 2),
      aCancellation(SECOND),
    ]);
    expect(verdicts(outcomes)).toEqual(['confirmed', 'cancelled']);
    expect([newBookings, cancelledBookings].map((bookings) => bookings.map(({ id }) => id))).toEqual([
      [SECOND],
      [SECOND],
    ]);
    expect(eventsAfter[0]).toMatchObject(counts(10, 0));
  });
});

describe('a key', () => {
  const key = { key: 'order-1', fingerprint: 'one ticket' };
  const withKey = (bookingId: string, idempotency = key, eventId = EVENT_ID): BookingCommand => ({
    ...aBooking(bookingId, 1, eventId),
    idempotency,
  });
  const earlier = storedBooking(FIRST, [{ sectionId: undefined, quantity: 1 }], { idempotency: key });

  it('gets what was booked with it, and moves nothing again', () => {
    const { outcomes, newBookings, movements } = plan([withKey(SECOND)], { bookings: [earlier] });
    expect(outcomes).toEqual([{ kind: 'done', isReplay: true, result: earlier }]);
    expect([newBookings, movements]).toEqual([[], []]);
  });

  it('gets its first answer also when the booking has been cancelled since, or the event is sold out', () => {
    const cancelled: Booking = { ...earlier, status: 'cancelled', cancelledAt: NOW };
    const { outcomes } = plan([withKey(SECOND)], { events: [anEvent(counts(0, 5))], bookings: [cancelled] });
    expect(outcomes).toEqual([{ kind: 'done', isReplay: true, result: earlier }]);
  });

  it('comes true once in one plan', () => {
    const { outcomes, newBookings, eventsAfter } = plan([withKey(FIRST), withKey(SECOND)]);
    expect(outcomes).toEqual([
      { kind: 'done', isReplay: false, result: earlier },
      { kind: 'done', isReplay: true, result: earlier },
    ]);
    expect(newBookings).toEqual([earlier]);
    expect(eventsAfter[0]).toMatchObject(counts(9, 1));
  });

  it('is refused for another wish', () => {
    const reused = withKey(SECOND, { ...key, fingerprint: 'two tickets' });
    expect(refusal(reused, { bookings: [earlier] })).toMatchObject({ code: 'idempotency_key_reused', status: 422 });
  });

  it('is another one for another event', () => {
    const other = anEvent({ id: idOf(0xf) });
    const { outcomes } = plan([withKey(SECOND, key, other.id)], { events: [anEvent(), other], bookings: [earlier] });
    expect(outcomes).toMatchObject([{ kind: 'done', isReplay: false, result: { id: SECOND, eventId: other.id } }]);
  });
});

describe('a limit for each user', () => {
  const limited = anEvent({ maxTicketsPerUser: 4 });
  const has = (count: number, userId = 'user123') => new Map([[`${EVENT_ID}/${userId}`, count]]);

  it('lets a user have so many tickets, and not one more', () => {
    const commands = [aBooking(FIRST, 2), aBooking(SECOND, 3), aBooking(THIRD, 2)];
    const { outcomes } = plan(commands, { events: [limited] });
    expect(verdicts(outcomes)).toEqual(['confirmed', 'user_limit_reached', 'confirmed']);
  });

  it('counts what the user has already, over all lines of the booking', () => {
    const event = anEventWith([aSection(STALLS), aSection(BALCONY)], { maxTicketsPerUser: 4 });
    const lines = [STALLS, BALCONY].map((sectionId) => ({ sectionId, quantity: 1 }));
    const given = (count: number) => ({ events: [event], userTickets: has(count) });
    expect(verdicts(plan([aBooking(FIRST, lines)], given(2)).outcomes)).toEqual(['confirmed']);
    expect(refusal(aBooking(FIRST, lines), given(3))).toMatchObject({ code: 'user_limit_reached', status: 409 });
  });

  it('does not count what others have', () => {
    const given = { events: [limited], userTickets: has(4, 'somebody else') };
    expect(verdicts(plan([aBooking(FIRST, 4)], given).outcomes)).toEqual(['confirmed']);
  });

  it('counts what is cancelled no more', () => {
    const sold = storedBooking(FIRST, [{ sectionId: undefined, quantity: 3 }]);
    const event = anEvent({ ...counts(5, 3), maxTicketsPerUser: 4 });
    const given = { events: [event], bookings: [sold], userTickets: has(3) };
    const { outcomes } = plan([aBooking(SECOND, 2), aCancellation(FIRST), aBooking(THIRD, 4)], given);
    expect(verdicts(outcomes)).toEqual(['user_limit_reached', 'cancelled', 'confirmed']);
  });

  it('is none where the event has none', () => {
    expect(verdicts(plan([aBooking(FIRST, 4)], { userTickets: has(100) }).outcomes)).toEqual(['confirmed']);
  });
});

describe('the events of which a plan refuses something', () => {
  const empty = (id: string) => anEvent({ id, ...counts(0, 5) });
  const [soldOut, other] = [empty(idOf(0xf)), empty(idOf(0x10))];

  it('are named once each', () => {
    const commands = [
      aBooking(FIRST, 1, soldOut.id),
      aBooking(SECOND, 1, soldOut.id),
      aBooking(THIRD, 1, other.id),
      aBooking(idOf(4), 1),
    ];
    expect(plan(commands, { events: [anEvent(), soldOut, other] }).refusing).toEqual([soldOut.id, other.id]);
  });

  it('are named also if the event is written: the guard does not know that tickets are missing', () => {
    const commands = [aBooking(FIRST, 10), aBooking(SECOND, 1)];
    expect(plan(commands).refusing).toEqual([EVENT_ID]);
  });

  it('are none where everybody gets what he wants', () => {
    const booked = storedBooking(FIRST, [{ sectionId: undefined, quantity: 1 }]);
    expect(plan([aBooking(FIRST, 1)], { bookings: [booked] }).refusing).toEqual([]);
  });
});

describe('a rerun', () => {
  it('finds the booking that an earlier try has made, and moves nothing again', () => {
    const booked = storedBooking(FIRST, [{ sectionId: undefined, quantity: 1 }]);
    const { outcomes, newBookings, movements } = plan([aBooking(FIRST, 1)], {
      events: [anEvent(counts(0, 1))],
      bookings: [booked],
      mayHaveCommitted: true,
    });
    expect(outcomes).toEqual([{ kind: 'done', isReplay: false, result: booked }]);
    expect(newBookings).toEqual([]);
    expect(movements).toEqual([{ eventId: EVENT_ID, revision: 7, terms: ON_SALE, lines: [] }]);
  });

  it('writes the event even where it only refuses, so that an earlier try can not come true behind its back', () => {
    const { outcomes, movements } = plan([aBooking(FIRST, 1)], {
      events: [anEvent(counts(0, 5))],
      mayHaveCommitted: true,
    });
    expect(verdicts(outcomes)).toEqual(['sold_out']);
    expect(movements).toEqual([{ eventId: EVENT_ID, revision: 7, terms: ON_SALE, lines: [] }]);
  });

  it('has nothing to write for an event that does not exist', () => {
    expect(plan([aBooking(FIRST, 1)], { events: [], mayHaveCommitted: true }).movements).toEqual([]);
  });
});

describe('a refusal', () => {
  const sections = [aSection(STALLS, counts(1))];

  it.each([
    ['event_not_found', 404, aBooking(FIRST, 1), { events: [] }],
    ['not_on_sale', 409, aBooking(FIRST, 1), { events: [anEvent({ status: 'paused' })] }],
    ['sold_out', 409, aBooking(FIRST, 1), { events: [anEvent(counts(0, 5))] }],
    ['not_enough_tickets', 409, aBooking(FIRST, 2), { events: [anEvent(counts(1, 5))] }],
    ['section_required', 400, aBooking(FIRST, 1), { events: [anEventWith(sections)] }],
    [
      'section_not_found',
      404,
      aBooking(FIRST, [{ sectionId: BALCONY, quantity: 1 }]),
      { events: [anEventWith(sections)] },
    ],
    ['section_not_found', 404, aBooking(FIRST, [{ sectionId: BALCONY, quantity: 1 }]), {}],
    ['booking_not_found', 404, aCancellation(FIRST), {}],
    [
      'event_not_found',
      404,
      aCancellation(FIRST),
      { events: [], bookings: [storedBooking(FIRST, [{ sectionId: undefined, quantity: 1 }])] },
    ],
  ])('says %s (%i) and writes nothing', (code, status, command, given) => {
    expect(refusal(command, given)).toMatchObject({ code, status });
  });

  it('names the section that is short, and how many it has left', () => {
    const lines = [
      { sectionId: STALLS, quantity: 1 },
      { sectionId: BALCONY, quantity: 3 },
    ];
    const event = anEventWith([aSection(STALLS), aSection(BALCONY, counts(2))]);
    expect(refusal(aBooking(FIRST, lines), { events: [event] })?.detail).toBe(
      `The section ${BALCONY} has 2 tickets left; the request asks for 3.`,
    );
  });
});
