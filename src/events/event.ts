import type { Instant } from '../common/clock.js';
import type { Idempotency } from '../common/idempotency.js';
import type { ProblemDetail } from '../common/problem.js';

export const EVENT_STATUSES = ['draft', 'on_sale', 'paused', 'ended', 'cancelled'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

export const MAX_CAPACITY = 1_000_000_000;
export const MAX_SECTIONS = 200;

/** An amount in minor units (cents) of an ISO 4217 currency. */
export interface Price {
  readonly amount: number;
  readonly currency: string;
}

/** Where the tickets of an event or a section are: their sum is its capacity (invariant 1). */
export interface TicketCounts {
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
}

/** A counted pool of tickets within an event. */
export interface Section extends TicketCounts {
  readonly id: string;
  readonly name: string;
  readonly capacity: number;
  readonly price: Price | undefined;
}

/** Tickets of one pool that are held for those who wait, until it is known who gets them. */
export interface Reserved {
  /** Undefined in an event without sections. */
  readonly sectionId: string | undefined;
  readonly quantity: number;
  /** Up to this number, nobody could have them. It is 0 again when more becomes free. */
  readonly after: number;
}

/** Who waits for tickets of an event: what its waitlist says of itself in the event, which is written whenever it changes. */
export interface Waitlist {
  /** Its entries are numbered from 1, in the order in which they join. */
  readonly lastNumber: number;
  /** How many wait. */
  readonly waiting: number;
  /** The entries up to this number are over: their sale has ended. */
  readonly endedUpTo: number;
  /** At most one for each pool. */
  readonly reserved: readonly Reserved[];
}

/** Requests that wait in the queue of an event: what it says of itself in the event, which is written whenever it changes. */
export interface Queue {
  /** Its requests are numbered from 1, in the order in which they came, and decided in that order. */
  readonly lastNumber: number;
  /** How many wait: the last ones. */
  readonly waiting: number;
}

const EMPTY_QUEUE: Queue = { lastNumber: 0, waiting: 0 };

/** The queue of the event; an empty one where no request was ever queued. */
export function queueOf(event: Pick<Event, 'queue'> | undefined): Queue {
  return event?.queue ?? EMPTY_QUEUE;
}

/** The number of the last request that has left the queue: those up to it have ended, the others wait. */
export function endedUpTo({ lastNumber, waiting }: Queue): number {
  return lastNumber - waiting;
}

export interface Event extends TicketCounts {
  readonly id: string;
  readonly name: string;
  readonly status: EventStatus;
  /** The capacity: with sections, the sum of theirs. */
  readonly totalTickets: number;
  readonly price: Price | undefined;
  /** Empty when the tickets are one pool. */
  readonly sections: readonly Section[];
  /** How many tickets one user may have; undefined for no limit. */
  readonly maxTicketsPerUser: number | undefined;
  /** How many tickets one booking, or hold, may have; undefined for the server's own limit. */
  readonly maxTicketsPerBooking: number | undefined;
  /** When it takes place. */
  readonly startsAt: Instant | undefined;
  /** Tickets are sold from this moment on. */
  readonly salesStartAt: Instant | undefined;
  /** Tickets are sold until this moment. */
  readonly salesEndAt: Instant | undefined;
  /** The shop's own name for this event. */
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Whether it keeps count of each user's tickets: it has, or once had, a limit for each user. */
  readonly countsUserTickets: boolean;
  /** Nothing is due before this: no active hold ends, no reserved ticket is handed over. Undefined where nothing will be. */
  readonly nextHoldExpiresAt: Instant | undefined;
  /** Undefined where nobody has ever waited. */
  readonly waitlist: Waitlist | undefined;
  /** Undefined where no request was ever queued. */
  readonly queue: Queue | undefined;
  /** Counts the edits of the configuration, from 1. */
  readonly version: number;
  /** Counts every committed write, from 1. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly idempotency: Idempotency | undefined;
}

/** What an organiser says of a new event: either a total or sections. */
export interface NewEvent {
  readonly name: string;
  readonly status: EventStatus;
  readonly totalTickets: number | undefined;
  readonly price: Price | undefined;
  readonly sections: readonly { name: string; capacity: number; price: Price | undefined }[];
  readonly maxTicketsPerUser: number | undefined;
  readonly maxTicketsPerBooking: number | undefined;
  readonly startsAt: Instant | undefined;
  readonly salesStartAt: Instant | undefined;
  readonly salesEndAt: Instant | undefined;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** What is wrong with a new event beyond its single fields; empty when nothing is. */
export function findFaults(wanted: NewEvent): ProblemDetail[] {
  const hasSections = wanted.sections.length > 0;
  const capacity = wanted.sections.reduce((sum, section) => sum + section.capacity, 0);
  const faults: ProblemDetail[] = [];
  if (hasSections === (wanted.totalTickets !== undefined)) {
    faults.push({ pointer: '#/totalTickets', message: 'send either totalTickets or sections' });
  }
  if (hasSections && wanted.price) {
    faults.push({ pointer: '#/price', message: 'with sections, the price belongs to each section' });
  }
  if (capacity > MAX_CAPACITY) {
    faults.push({ pointer: '#/sections', message: `the capacities must sum to at most ${MAX_CAPACITY}` });
  }
  return [...faults, ...findWindowFaults(wanted)];
}

/** What is wrong with the time in which an event is sold. */
export function findWindowFaults({
  salesStartAt,
  salesEndAt,
}: Pick<Event, 'salesStartAt' | 'salesEndAt'>): ProblemDetail[] {
  if (salesStartAt === undefined || salesEndAt === undefined || salesStartAt < salesEndAt) return [];
  return [{ pointer: '#/salesEndAt', message: 'salesEndAt must be after salesStartAt' }];
}

/** The event as it opens: every ticket available. `nextId` gives its sections and itself an id each. */
export function openEvent(
  wanted: NewEvent,
  idempotency: Idempotency | undefined,
  now: Date,
  nextId: () => string,
): Event {
  const sections = wanted.sections.map((section) => ({ id: nextId(), ...section, ...allAvailable(section.capacity) }));
  const totalTickets = wanted.totalTickets ?? sections.reduce((sum, section) => sum + section.capacity, 0);
  return {
    ...wanted,
    id: nextId(),
    totalTickets,
    sections,
    ...allAvailable(totalTickets),
    nextHoldExpiresAt: undefined,
    waitlist: undefined,
    queue: undefined,
    countsUserTickets: wanted.maxTicketsPerUser !== undefined,
    version: 1,
    revision: 1,
    createdAt: now,
    idempotency,
  };
}

/** What an organiser may say of an event, at one version of it. */
export type EventConfiguration = Pick<
  Event,
  | 'name'
  | 'status'
  | 'totalTickets'
  | 'price'
  | 'maxTicketsPerUser'
  | 'maxTicketsPerBooking'
  | 'startsAt'
  | 'salesStartAt'
  | 'salesEndAt'
  | 'reference'
  | 'metadata'
> & { readonly sections: readonly Pick<Section, 'id' | 'name' | 'capacity' | 'price'>[] };

export function configurationOf(event: Event): EventConfiguration {
  const { name, status, totalTickets, price, maxTicketsPerUser, maxTicketsPerBooking } = event;
  const { startsAt, salesStartAt, salesEndAt, reference, metadata } = event;
  return {
    ...{ name, status, totalTickets, price, maxTicketsPerUser, maxTicketsPerBooking },
    ...{ startsAt, salesStartAt, salesEndAt, reference, metadata },
    sections: event.sections.map(({ id, name: ofSection, capacity, price: each }) => {
      return { id, name: ofSection, capacity, price: each };
    }),
  };
}

/** The event as it was when it opened: with the configuration from before its first edit, where it was edited. */
export function asOpened(event: Event, opened: EventConfiguration = configurationOf(event)): Event {
  const sections = opened.sections.map((section) => ({ ...section, ...allAvailable(section.capacity) }));
  return { ...event, ...opened, sections, ...allAvailable(opened.totalTickets), version: 1, revision: 1 };
}

/** Whether a hold of the event may be overdue, or reserved tickets may go to somebody: the moment is a lower bound. */
export function isDue({ heldTickets, nextHoldExpiresAt = Infinity }: Event, now: Instant): boolean {
  return heldTickets > 0 && nextHoldExpiresAt <= now;
}

/** Names the event's state: the part before the dash changes with its configuration, the rest with every write. */
export function etagOf(event: Pick<Event, 'version' | 'revision'>): string {
  return `"${event.version}-${event.revision}"`;
}

function allAvailable(capacity: number): TicketCounts {
  return { availableTickets: capacity, heldTickets: 0, soldTickets: 0 };
}
