import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../../src/bookings/booking-change.js';
import { book, type BookCommand } from '../../src/bookings/decide/book.js';
import { cancel, type CancelCommand, type Cancelled } from '../../src/bookings/decide/cancel.js';
import type { Command, CommandKind, Outcome } from '../../src/bookings/decide/command.js';
import { changesOf, planCommands, type Rules } from '../../src/bookings/decide/planner.js';
import { transfer, type TransferCommand } from '../../src/bookings/decide/transfer.js';
import { USER_TICKETS, type UserTickets } from '../../src/bookings/decide/user-tickets.js';
import type { Event } from '../../src/events/event.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { anEvent, byId, NOW } from './factories.js';

export type BookingCommand = BookCommand | CancelCommand | TransferCommand;

/** What was read for a plan. */
export interface Given {
  readonly events?: readonly Event[];
  readonly bookings?: readonly Booking[];
  readonly holds?: readonly Hold[];
  readonly changes?: readonly BookingChange[];
  /** By event and user: `<eventId>/<userId>`. */
  readonly userTickets?: ReadonlyMap<string, number>;
  readonly mayHaveCommitted?: boolean;
}

const OWN: readonly CommandKind[] = [book, cancel, transfer];

/** The plan of commands of the product's own kinds, and of `kinds`, with what it does to bookings. */
export function planOf(commands: readonly Command[], given: Given = {}, kinds: readonly CommandKind[] = []) {
  const {
    events = [anEvent()],
    bookings = [],
    holds = [],
    changes = [],
    userTickets = new Map<string, number>(),
    mayHaveCommitted = false,
  } = given;
  const counts = [...userTickets].map(([name, tickets]): UserTickets => {
    const [eventId = '', userId = ''] = name.split('/');
    return { eventId, userId, tickets, isStored: true };
  });
  const documents = new Map<string, readonly unknown[]>([
    [BOOKINGS.name, bookings],
    [HOLDS.name, holds],
    [BOOKING_CHANGES.name, changes],
    [USER_TICKETS.name, counts],
  ]);
  const rules: Rules = {
    kinds: new Map([...OWN, ...kinds].map((kind) => [kind.kind, kind])),
    dueRules: [],
    freeingRules: [],
    closingRules: [],
    dueMax: 1,
  };
  const plan = planCommands(commands, { events: byId(...events), documents }, rules, { now: NOW, mayHaveCommitted });
  const { inserted, updated } = changesOf(plan, BOOKINGS);
  return {
    ...plan,
    outcomes: (plan.outcomes as Outcome<Booking | Cancelled>[]).map(withBooking),
    /** How many tickets each command has given back, by its own account. */
    returned: (plan.outcomes as Outcome<Booking | Cancelled>[]).map(returnedBy),
    newBookings: inserted,
    /** The bookings as they are stored then. */
    stored: [...inserted, ...updated.map(({ after }) => after)],
    newChanges: changesOf(plan, BOOKING_CHANGES).inserted,
    cancelledBookings: [...inserted, ...updated.map(({ after }) => after)].filter(
      ({ status }) => status === 'cancelled',
    ),
    userTickets: new Map((plan.changes.get(USER_TICKETS.name) ?? []).map(({ after }) => toEntry(after as UserTickets))),
  };
}

/** A cancellation says more than its booking. */
function withBooking(outcome: Outcome<Booking | Cancelled>): Outcome<Booking> {
  if (outcome.kind === 'refused') return outcome;
  return { ...outcome, result: 'booking' in outcome.result ? outcome.result.booking : outcome.result };
}

function returnedBy(outcome: Outcome<Booking | Cancelled>): number {
  return outcome.kind === 'done' && 'returned' in outcome.result ? outcome.result.returned : 0;
}

function toEntry({ eventId, userId, tickets }: UserTickets): [string, number] {
  return [`${eventId}/${userId}`, tickets];
}
