import type { EventStatus } from '../events/index.js';

/** An id of the database's. */
export interface SeedId {
  toString(): string;
  getTimestamp(): Date;
}

/** An event of the Express API's, as its shape says it is. */
export interface SeedEvent<Id extends SeedId = SeedId> {
  readonly _id: Id;
  readonly name?: string;
  readonly totalTickets?: number;
  readonly availableTickets?: number;
  readonly sections?: readonly SeedSection<Id>[];
  readonly createdAt?: Date;
}

export interface SeedSection<Id extends SeedId> {
  readonly _id: Id;
  readonly name?: string;
  readonly capacity: number;
  readonly remaining: number;
}

/** How many tickets the bookings of one pool have; null where an event has no sections. */
export interface SoldTickets<Id extends SeedId = SeedId> {
  readonly sectionId: Id | null;
  readonly sold: number;
}

interface Pool {
  /** What the Express API says of it. */
  readonly capacity: number;
  readonly available: number;
  /** What the bookings say of it. */
  readonly sold: number;
  readonly label: string;
}

interface OpenPool {
  readonly capacity: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
  /** What the capacity was, where more had been sold. */
  readonly importedCapacity?: number;
}

interface ImportedSection<Id> extends OpenPool {
  readonly _id: Id;
  readonly name: string;
}

/** The fields that an event has from now on, and what did not balance before. */
export interface ImportedEvent<Id = unknown> {
  readonly name: string;
  readonly status: EventStatus;
  readonly totalTickets: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
  readonly importedCapacity?: number;
  readonly sections: readonly ImportedSection<Id>[];
  readonly version: number;
  readonly revision: number;
  readonly createdAt: Date;
  readonly imbalances: readonly string[];
}

/** The section that takes the bookings which name no section of their event: its id is the event's own. */
const STRAY_SECTION_NAME = 'Imported without a section';
const NAME_LENGTH_SHOWN = 200;

/**
 * Opens the books of an event on what its bookings say: what had leaked is available again, and what was sold past a
 * capacity becomes the capacity. An event that was oversold has ended.
 */
export function openBooks<Id extends SeedId>(
  event: SeedEvent<Id>,
  sold: readonly SoldTickets<Id>[],
): ImportedEvent<Id> {
  const soldBySection = new Map(sold.map((entry) => [String(entry.sectionId), entry.sold]));
  const soldIn = (id: Id | null) => soldBySection.get(String(id)) ?? 0;
  const imbalances: string[] = [];
  const open = (pool: Pool) => openPool(pool, imbalances);

  const sections = (event.sections ?? []).map((section): ImportedSection<Id> => {
    const name = section.name || 'Untitled section';
    const label = `section "${shortened(name)}"`;
    const pool = { capacity: section.capacity, available: section.remaining, sold: soldIn(section._id), label };
    return { ...section, name, ...open(pool) };
  });
  const stray = sections.length > 0 ? soldIn(event._id) : 0;
  if (stray > 0) {
    const pool = { capacity: 0, available: 0, sold: stray, label: 'no section of the event' };
    sections.push({ _id: event._id, name: STRAY_SECTION_NAME, ...open(pool) });
  }

  const { totalTickets: capacity = 0, availableTickets: available = 0 } = event;
  const whole =
    sections.length > 0 ? sumSections(sections) : open({ capacity, available, sold: soldIn(null), label: 'the event' });
  const { capacity: totalTickets, ...counts } = whole;
  return {
    name: event.name || 'Untitled event',
    status: whole.importedCapacity === undefined ? 'on_sale' : 'ended',
    totalTickets,
    ...counts,
    sections,
    version: 1,
    revision: 1,
    createdAt: event.createdAt ?? event._id.getTimestamp(),
    imbalances,
  };
}

/** A name as it is shown in reports: the Express API had no limit for it. */
export function shortened(name: string): string {
  return [...name.slice(0, 2 * NAME_LENGTH_SHOWN)].slice(0, NAME_LENGTH_SHOWN).join('');
}

function openPool({ capacity, available, sold, label }: Pool, imbalances: string[]): OpenPool {
  const stated = toCount(capacity);
  const opened = Math.max(stated, sold);
  if (available !== stated - sold || sold > stated) {
    imbalances.push(`${label}: capacity ${capacity}, available ${available}, sold ${sold} by its bookings`);
  }
  return {
    capacity: opened,
    availableTickets: opened - sold,
    heldTickets: 0,
    soldTickets: sold,
    ...(sold > stated && { importedCapacity: stated }),
  };
}

/** The tickets that a number stands for: a part of one is one. */
export function toCount(tickets: number): number {
  return Math.max(0, Math.ceil(tickets));
}

function sumSections(sections: readonly OpenPool[]): OpenPool {
  const sum = (count: (section: OpenPool) => number) => sections.reduce((total, section) => total + count(section), 0);
  const stated = sum((section) => section.importedCapacity ?? section.capacity);
  const capacity = sum((section) => section.capacity);
  return {
    capacity,
    availableTickets: sum((section) => section.availableTickets),
    heldTickets: 0,
    soldTickets: sum((section) => section.soldTickets),
    ...(capacity > stated && { importedCapacity: stated }),
  };
}
