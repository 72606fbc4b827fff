import { eventNotFound } from '../bookings.problems.js';
import { cancel, type CancelCommand } from './cancel.js';
import type { Command, CommandKind } from './command.js';
import { refuse } from './refuse.js';

/** Of several bookings of one event, all that is left is given back: each of them as if it were cancelled alone. */
export interface CancelBookingsCommand extends Command, Pick<CancelCommand, 'reason' | 'by' | 'at'> {
  readonly kind: 'cancelBookings';
  readonly bookings: readonly Pick<CancelCommand, 'bookingId' | 'userId' | 'changeId'>[];
}

/** How many bookings this command has cancelled, and how many tickets they had left. */
export interface CancelledBookings {
  readonly bookings: number;
  readonly tickets: number;
}

export const cancelBookings: CommandKind<CancelBookingsCommand, CancelledBookings> = {
  kind: 'cancelBookings',

  lookups: (command, known) => toCancellations(command).flatMap((each) => cancel.lookups(each, known)),

  follow: (command, known, documents) =>
    toCancellations(command).flatMap((each) => cancel.follow?.(each, known, documents) ?? []),

  decide(command, draft) {
    if (!draft.findEvent(command.eventId)) return refuse(eventNotFound(command.eventId));
    let [bookings, tickets] = [0, 0];
    for (const each of toCancellations(command)) {
      const outcome = cancel.decide(each, draft);
      // One that can't be cancelled, or that somebody else has cancelled meanwhile, keeps no other from it.
      if (outcome?.kind !== 'done' || outcome.result.returned === 0) continue;
      bookings += 1;
      tickets += outcome.result.returned;
    }
    return { kind: 'done', result: { bookings, tickets }, isReplay: false };
  },

  soldTickets: ({ tickets }) => -tickets,
};

function toCancellations({ eventId, bookings, reason, by, at }: CancelBookingsCommand): CancelCommand[] {
  const all = { kind: 'cancel', eventId, lines: undefined, idempotency: undefined, reason, by, at } as const;
  return bookings.map((booking) => ({ ...all, ...booking }));
}
