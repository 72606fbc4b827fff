import { type Booking, BOOKINGS, purchaseOf, quantityOf } from '../../../src/bookings/booking.js';
import { BOOKING_CHANGES, type BookingChange } from '../../../src/bookings/booking-change.js';
import type { AboutBooking } from '../../../src/bookings/decide/about-booking.js';
import type { Cancelled } from '../../../src/bookings/decide/cancel.js';
import type { Lookup } from '../../../src/bookings/decide/lookup.js';
import { within } from '../../../src/bookings/decide/table.js';
import { USER_TICKETS } from '../../../src/bookings/decide/user-tickets.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { decideOn, replaced, showing } from '../../support/registrations.js';
import { changeKind } from './changes.js';
import type { PlantedBug } from './planted-bugs.js';
import type { Parts } from './simulated-process.js';
import {
  STORY_OF_THE_FIRST_ANSWER,
  STORY_OF_THE_LOST_PART,
  STORY_OF_THE_WAY_BACK,
  STORY_OF_THE_REST,
} from './stories-of-changes.js';

/** Mistakes in what happens to a booking after it was made. */
export const PLANTED_IN_CHANGES: readonly PlantedBug[] = [
  {
    name: 'a later attempt does not look for the part that an earlier one has returned',
    causes: 'cancelled twice',
    story: STORY_OF_THE_LOST_PART,
    plant: (parts) => findNoChanges(parts, (_lookup, tx) => tx.attempt.mayHaveCommitted),
  },
  {
    name: 'a later attempt does not look for the transfer that an earlier one has made',
    causes: 'transferred twice',
    story: STORY_OF_THE_WAY_BACK,
    plant: (parts) => findNoChanges(parts, ({ by }) => by === 'id'),
  },
  {
    name: 'the key of a part is neither looked up nor unique',
    causes: 'cancelled twice',
    story: STORY_OF_THE_FIRST_ANSWER,
    plant: (parts) => findNoChanges(parts, ({ by }) => by === 'key'),
  },
  {
    name: 'the fingerprint of a part is not compared',
    causes: 'untrue replay',
    plant: ({ commands }) => {
      const cancel = commands.cancel.bind(commands);
      commands.cancel = (booking, request, by) => {
        const command = cancel(booking, request, by);
        return { ...command, idempotency: command.idempotency && { ...command.idempotency, fingerprint: '' } };
      };
    },
  },
  {
    name: 'the key of a part is answered with the booking as it is now',
    causes: 'untrue replay',
    story: STORY_OF_THE_FIRST_ANSWER,
    plant: ({ registry }) =>
      changeKind(registry, 'cancel', (kind) => ({
        decide: (command, draft) => {
          const outcome = kind.decide(command, draft);
          if (outcome?.kind !== 'done' || !outcome.isReplay) return outcome;
          const booking = draft.find(BOOKINGS, (command as AboutBooking).bookingId);
          return { ...outcome, result: { ...(outcome.result as Cancelled), booking } };
        },
      })),
  },
  {
    name: 'what was bought is given back after a part of it was',
    // The guard notices it: the booking has less than that.
    causes: 'broken process',
    story: STORY_OF_THE_REST,
    plant: ({ registry }) =>
      changeKind(registry, 'cancel', (kind) => decideOn(kind, (draft) => showing(draft, BOOKINGS, asBought))),
  },
  {
    name: 'who gives tickets away keeps them in the count',
    causes: 'unbalanced books',
    plant: ({ registry }) =>
      changeKind(registry, 'transfer', (kind) => ({
        decide: (command, draft) => {
          const { eventId, bookingId } = command as AboutBooking;
          const giver = within(eventId, draft.find(BOOKINGS, bookingId)?.userId);
          const isOfGiver = (name: string) => name === giver;
          return kind.decide(
            command,
            replaced(draft, {
              put: (table, doc) => {
                if (table.name !== USER_TICKETS.name || !table.namesOf(doc).some(isOfGiver)) draft.put(table, doc);
              },
            }),
          );
        },
      })),
  },
  {
    name: 'the limit of the user who gets the tickets is not checked',
    causes: 'sold against the rules',
    plant: ({ registry }) =>
      changeKind(registry, 'transfer', (kind) =>
        decideOn(kind, (draft) => ({
          findEvent: (id) => {
            const event = draft.findEvent(id);
            return event && { ...event, maxTicketsPerUser: undefined };
          },
        })),
      ),
  },
  {
    name: 'the count of the user who has the booking now is not read',
    // The counts' store notices it.
    causes: 'broken process',
    plant: ({ registry }) => {
      for (const kind of ['cancel', 'transfer']) changeKind(registry, kind, () => ({ follow: () => [] }));
    },
  },
];

/** Changes are not found by these lookups, and only their numbers are unique. */
function findNoChanges({ bookingChanges }: Parts, isBlind: (lookup: Lookup, tx: Tx) => boolean): void {
  const namesOf = ({ bookingId, number }: BookingChange): [string] => [within(bookingId, String(number))];
  Object.assign(bookingChanges, { table: { ...BOOKING_CHANGES, namesOf } });
  const read = bookingChanges.read.bind(bookingChanges);
  bookingChanges.read = (tx, lookups) =>
    read(
      tx,
      lookups.filter((lookup) => !isBlind(lookup, tx)),
    );
}

function asBought(booking: Booking): Booking {
  const { items } = purchaseOf(booking);
  return booking.status === 'cancelled' ? booking : { ...booking, items, quantity: quantityOf(items) };
}
