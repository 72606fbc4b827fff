import type { EventStatus } from '../events/index.js';

/** An id of the database's. */
export interface SeedId {
  toString(): string;
  getTimestamp(): Date;
}

/** An event as the seed left it: nothing about it is certain but its id. */
export interface SeedEvent<Id extends SeedId = SeedId> {
  readonly _id: Id;
  readonly [field: string]: unknown;
}

/** How many tickets the bookings of one pool have; null where an event has no sections. */
export interface SoldTickets<Id extends SeedId = SeedId> {
  readonly sectionId: Id | null;
  readonly sold: number;
}

interface Pool {
  /** What the seed says of it, where it does. */
  readonly capacity: number | undefined;
  readonly available: number | undefined;
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

/**
 * Opens the books of a seed's event on what its bookings say: what had leaked is available again, and what was sold
 * past a capacity becomes the capacity. An event that was oversold has ended.
 */
export function openBooks<Id extends SeedId>(
  event: SeedEvent<Id>,
  sold: readonly SoldTickets<Id>[],
): ImportedEvent<Id> {
  const soldIn = (id: Id | null) => sold.find((entry) => String(entry.sectionId) === String(id))?.sold ?? 0;
  const imbalances: string[] = [];
  const open = (pool: Pool) => openPool(pool, imbalances);

  const sections = seedSections(event).map((section): ImportedSection<Id> => {
    const id = section['_id'] as Id;
    const name = toName(section['name'], 'Untitled section');
    const [capacity, available] = [toCount(section['capacity']), toCount(section['remaining'])];
    return {
      ...section,
      _id: id,
      name,
      ...open({ capacity, available, sold: soldIn(id), label: `section "${name}"` }),
    };
  });
  const stray = soldIn(event._id);
  if (stray > 0) {
    const pool = { capacity: 0, available: 0, sold: stray, label: 'no section of the event' };
    sections.push({ _id: event._id, name: STRAY_SECTION_NAME, ...open(pool) });
  }

  const whole = sections.length > 0 ? sumSections(sections) : open(wholePool(event, soldIn(null)));
  const { capacity: totalTickets, ...counts } = whole;
  return {
    name: toName(event['name'], 'Untitled event'),
    status: whole.importedCapacity === undefined ? 'on_sale' : 'ended',
    totalTickets,
    ...counts,
    sections,
    version: 1,
    revision: 1,
    createdAt: event['createdAt'] instanceof Date ? event['createdAt'] : event._id.getTimestamp(),
    imbalances,
  };
}

/** The sections of a seed's event; empty where its tickets are one pool. */
export function seedSections(event: SeedEvent): readonly Record<string, unknown>[] {
  return Array.isArray(event['sections']) ? (event['sections'] as Record<string, unknown>[]) : [];
}

function wholePool(event: SeedEvent, sold: number): Pool {
  return {
    capacity: toCount(event['totalTickets']),
    available: toCount(event['availableTickets']),
    sold,
    label: 'the event',
  };
}

function openPool({ capacity, available, sold, label }: Pool, imbalances: string[]): OpenPool {
  const stated = capacity ?? sold;
  const opened = Math.max(stated, sold);
  if (available !== stated - sold) {
    imbalances.push(`${label}: capacity ${stated}, available ${available ?? 'unknown'}, sold ${sold} by its bookings`);
  }
  return {
    capacity: opened,
    availableTickets: opened - sold,
    heldTickets: 0,
    soldTickets: sold,
    ...(sold > stated && { importedCapacity: stated }),
  };
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

function toCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.ceil(value)) : undefined;
}

function toName(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
