import type { Booking, Line } from '../../src/bookings/booking.js';
import type { BookCommand } from '../../src/bookings/decide/book.js';
import type { CancelCommand } from '../../src/bookings/decide/cancel.js';
import type { ConfirmCommand } from '../../src/holds/decide/confirm.js';
import type { Hold } from '../../src/holds/hold.js';
import type { Event, Section, TicketCounts } from '../../src/events/event.js';

export const NOW = Date.parse('2026-01-13T10:30:00.000Z');

/** The 24-digit id of a small number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(24, '0');
}

export const EVENT_ID = idOf(0xe);

/** A pool's counts: so many available, and the rest sold. */
export function counts(availableTickets: number, soldTickets = 0, heldTickets = 0): TicketCounts {
  return { availableTickets, heldTickets, soldTickets };
}

export function capacityOf({ availableTickets, heldTickets, soldTickets }: TicketCounts): number {
  return availableTickets + heldTickets + soldTickets;
}

/** An event whose tickets are one pool. */
export function anEvent(fields: Partial<Event> = {}): Event {
  const pool = { ...counts(10), ...fields };
  return {
    id: EVENT_ID,
    name: 'Concert Night',
    status: 'on_sale',
    totalTickets: capacityOf(pool),
    price: undefined,
    sections: [],
    maxTicketsPerUser: undefined,
    maxTicketsPerBooking: undefined,
    startsAt: undefined,
    salesStartAt: undefined,
    salesEndAt: undefined,
    reference: undefined,
    metadata: undefined,
    countsUserTickets: fields.maxTicketsPerUser !== undefined,
    nextHoldExpiresAt: undefined,
    waitlist: undefined,
    queue: undefined,
    version: 1,
    revision: 7,
    createdAt: new Date(NOW),
    idempotency: undefined,
    ...pool,
  };
}

export function aSection(id: string, fields: Partial<Section> = {}): Section {
  const pool = { ...counts(10), ...fields };
  return { id, name: `Section ${id.slice(-2)}`, capacity: capacityOf(pool), price: undefined, ...pool };
}

/** An event with these sections, its counts their sum. */
export function anEventWith(sections: readonly Section[], fields: Partial<Event> = {}): Event {
  const sum = (count: keyof TicketCounts) => sections.reduce((total, section) => total + section[count], 0);
  const [available, held, sold] = [sum('availableTickets'), sum('heldTickets'), sum('soldTickets')];
  return anEvent({ ...counts(available, sold, held), sections, ...fields });
}

/** A wish for tickets of the event's one pool, or of the sections that `lines` name. */
export function aBooking(bookingId: string, lines: number | readonly Line[], eventId = EVENT_ID): BookCommand {
  return {
    kind: 'book',
    bookingId,
    eventId,
    userId: 'user123',
    lines: typeof lines === 'number' ? [{ sectionId: undefined, quantity: lines }] : lines,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    ignoreUserLimit: false,
    soldBy: undefined,
    at: NOW,
  };
}

export function aCancellation(bookingId: string, eventId = EVENT_ID): CancelCommand {
  return {
    kind: 'cancel',
    bookingId,
    eventId,
    userId: 'user123',
    changeId: idOf(0xc0),
    lines: undefined,
    reason: undefined,
    by: undefined,
    idempotency: undefined,
    at: NOW,
  };
}

/** A booking as it is stored. */
export function storedBooking(id: string, lines: readonly Line[], fields: Partial<Booking> = {}): Booking {
  return {
    id,
    eventId: EVENT_ID,
    userId: 'user123',
    items: lines.map((line) => ({ ...line, price: undefined })),
    quantity: lines.reduce((sum, line) => sum + line.quantity, 0),
    bought: undefined,
    changes: 0,
    status: 'confirmed',
    bookedAt: NOW,
    cancelledAt: undefined,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    soldBy: undefined,
    ...fields,
  };
}

/** A hold of one ticket, as it is stored: active, and it ends in ten minutes. */
export function storedHold(id: string, fields: Partial<Hold> = {}): Hold {
  return {
    id,
    eventId: EVENT_ID,
    userId: 'user123',
    items: [{ sectionId: undefined, quantity: 1, price: undefined }],
    quantity: 1,
    status: 'active',
    createdAt: NOW,
    ttlSeconds: 600,
    expiresAt: NOW + 600_000,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    soldBy: undefined,
    settlements: [],
    isOffer: false,
    ...fields,
  };
}

/** A purchase of all that is held, paid with this reference. */
export function aConfirmation(holdId: string, reference: string): ConfirmCommand {
  return {
    kind: 'confirmHold',
    eventId: EVENT_ID,
    holdId,
    userId: 'user123',
    at: NOW,
    expiresAt: NOW + 600_000,
    lines: undefined,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    payment: { by: '', reference },
  };
}

/** By their ids. */
export function byId<Item extends { readonly id: string }>(...items: Item[]): Map<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}
