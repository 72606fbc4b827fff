import {
  anId,
  anIdOrItsDigits,
  date,
  faultIn,
  faultInAll,
  type Fields,
  finite,
  listOf,
  nullable,
  oneOf,
  optional,
  text,
  tickets,
} from './checks.js';
import { toCount } from './opening-counts.js';

/** Whose a document is: the Express API's, already in the shape of this product, or neither, and why. */
export type Judgement = { readonly kind: 'seed' | 'own' } | { readonly kind: 'foreign'; readonly cause: string };

const SEED = { kind: 'seed' } as const;
export const OWN = { kind: 'own' } as const;

/** What mongoose writes beside the fields of the Express API's schemas. */
const WRITTEN_BY_MONGOOSE = { __v: optional(finite), createdAt: optional(date), updatedAt: optional(date) };

/** May be negative, as whatever number its creator has sent. */
const capacity = tickets(-Infinity);
const quantity = tickets(1);

const SEED_SECTION = {
  _id: optional(anId),
  name: optional(text),
  price: optional(finite),
  capacity,
  // May be negative: the Express API could sell a section through its neighbour.
  remaining: finite,
};

const SEED_EVENT = {
  _id: anId,
  name: optional(text),
  totalTickets: optional(capacity),
  availableTickets: optional(finite),
  price: optional(finite),
  sections: optional(listOf(0, (section) => faultInAll(section, SEED_SECTION))),
  ...WRITTEN_BY_MONGOOSE,
};

const SEED_BOOKING = {
  _id: anId,
  eventId: anIdOrItsDigits,
  userId: nullable(text),
  sectionId: nullable(anIdOrItsDigits),
  quantity: optional(quantity),
  qty: optional(quantity),
  status: optional(oneOf('confirmed', 'cancelled')),
  bookedAt: optional(date),
  cancelledAt: optional(date),
  ...WRITTEN_BY_MONGOOSE,
};

// What the product reads of its own documents. Whether their counts balance is for `npm run audit` to say.

const OWN_SECTION = {
  _id: anId,
  name: text,
  capacity: finite,
  availableTickets: finite,
  heldTickets: finite,
  soldTickets: finite,
};

const OWN_EVENT = {
  _id: anId,
  name: text,
  status: text,
  totalTickets: finite,
  availableTickets: finite,
  heldTickets: finite,
  soldTickets: finite,
  sections: listOf(0, (section) => faultIn(section, OWN_SECTION)),
  version: finite,
  revision: finite,
  createdAt: date,
};

const OWN_BOOKING = {
  _id: anId,
  eventId: anId,
  userId: nullable(text),
  items: listOf(1, (item) => faultIn(item, { sectionId: optional(anId), quantity: finite })),
  quantity: finite,
  status: text,
  bookedAt: date,
  cancelledAt: optional(date),
};

const OWN_MOVEMENT = {
  eventId: anId,
  revision: finite,
  lines: listOf(0, (line) => faultIn(line, { kind: text, quantity: finite })),
  at: date,
};

export function judgeEvent(event: Fields): Judgement {
  if (Object.hasOwn(event, 'revision')) return judgeOwn(faultIn(event, OWN_EVENT), 'revision');
  return judge(faultInAll(event, SEED_EVENT) ?? findCountFault(event), SEED);
}

export function judgeBooking(booking: Fields): Judgement {
  if (Object.hasOwn(booking, 'items')) {
    // An earlier takeover has kept bookings that named their event by what is no id.
    const shape = booking['imported'] === true ? { ...OWN_BOOKING, eventId: () => undefined } : OWN_BOOKING;
    return judgeOwn(faultIn(booking, shape), 'items');
  }
  const isDoubtful = booking['qty'] !== undefined && booking['quantity'] !== undefined;
  const fault = faultInAll(booking, SEED_BOOKING);
  return judge(fault ?? (isDoubtful ? '`qty` and `quantity` are both there' : undefined), SEED);
}

/** The Express API has no movements. */
export function judgeMovement(movement: Fields): Judgement {
  return judge(faultIn(movement, OWN_MOVEMENT), OWN);
}

function judgeOwn(fault: string | undefined, mark: string): Judgement {
  return judge(fault === undefined ? undefined : `\`${mark}\` is there as after a takeover, but ${fault}`, OWN);
}

function judge(cause: string | undefined, otherwise: Judgement): Judgement {
  return cause === undefined ? otherwise : { kind: 'foreign', cause };
}

/** What is wrong with the counts of an event whose fields are right one by one. */
function findCountFault(event: Fields): string | undefined {
  const sections = event['sections'] as readonly Fields[] | undefined;
  if (sections === undefined) return faultIn(event, { totalTickets: capacity, availableTickets: finite });
  const ids = [event, ...sections].map((holder) => holder['_id']).filter((id) => id !== undefined);
  // A section is sold by its id, and the event's own is that of the pool for bookings without a section.
  if (new Set(ids.map(String)).size < ids.length) return '`sections` has two of the same `_id`, or one of the event';
  const sum = sections.reduce((total, section) => total + toCount(Number(section['capacity'])), 0);
  return faultIn({ 'sum of the capacities': sum }, { 'sum of the capacities': capacity });
}
