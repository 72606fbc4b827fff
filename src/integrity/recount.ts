import type { CountedPool, Difference, InventoryBooks, StoredPool } from '../events/index.js';

/** One event's books as they were found, all in one snapshot. */
export interface Books extends InventoryBooks {
  readonly eventId: string;
  /** What the documents of the features add up to, by pool. */
  readonly booked: readonly CountedPool[];
  /** The documents that contradict themselves or each other. */
  readonly oddBookings: readonly Difference[];
}

/** Everything in `books` that contradicts something else in them; empty when they balance. */
export function findDifferences(books: Books): Difference[] {
  const pools = books.sections.length > 0 ? books.sections : [books.whole];
  return [
    ...checkSum(books.whole),
    ...books.sections.flatMap(checkSum),
    ...(books.sections.length > 0 ? checkTotals(books) : []),
    ...pools.flatMap((pool) => checkPool(pool, books)),
    ...checkStrays(pools, books),
    ...compare(
      'event.revision covers the movements',
      {},
      Math.max(books.revision, books.lastMovementRevision),
      books.revision,
    ),
    ...books.oddBookings,
  ];
}

/** Capacity = available + held + sold (invariant 1). */
function checkSum(pool: StoredPool): Difference[] {
  const sum = pool.availableTickets + pool.heldTickets + pool.soldTickets;
  const negative = [pool.availableTickets, pool.heldTickets, pool.soldTickets].filter((count) => count < 0);
  return [
    ...compare('capacity = available + held + sold', of(pool), sum, pool.capacity),
    ...negative.flatMap((count) => compare('no count is negative', of(pool), 0, count)),
  ];
}

function checkTotals({ whole, sections }: Books): Difference[] {
  const sum = (count: (pool: StoredPool) => number) => sections.reduce((total, section) => total + count(section), 0);
  return [
    ...compare(
      'totalTickets by the sections',
      {},
      sum((pool) => pool.capacity),
      whole.capacity,
    ),
    ...compare(
      'availableTickets by the sections',
      {},
      sum((pool) => pool.availableTickets),
      whole.availableTickets,
    ),
    ...compare(
      'heldTickets by the sections',
      {},
      sum((pool) => pool.heldTickets),
      whole.heldTickets,
    ),
    ...compare(
      'soldTickets by the sections',
      {},
      sum((pool) => pool.soldTickets),
      whole.soldTickets,
    ),
  ];
}

/** What is stored against what the bookings and the movements say. */
function checkPool(pool: StoredPool, books: Books): Difference[] {
  const counted = (what: 'confirmed' | 'imported' | 'held') =>
    books.booked
      .filter(({ sectionId }) => sectionId === pool.sectionId)
      .reduce((sum, entry) => sum + (entry[what] ?? 0), 0);
  const moved = pool.sectionId === undefined ? books.moved.event : books.moved.sections.get(pool.sectionId);
  const imported = books.importedBySection.get(pool.sectionId) ?? 0;
  return [
    ...compare('soldTickets by the bookings', of(pool), counted('confirmed'), pool.soldTickets),
    ...compare('heldTickets by the holds', of(pool), counted('held'), pool.heldTickets),
    ...compare('capacity by the movements', of(pool), moved?.capacity ?? 0, pool.capacity),
    ...compare('availableTickets by the movements', of(pool), moved?.availableTickets ?? 0, pool.availableTickets),
    ...compare('heldTickets by the movements', of(pool), moved?.heldTickets ?? 0, pool.heldTickets),
    ...compare('soldTickets by the movements', of(pool), moved?.soldTickets ?? 0, pool.soldTickets),
    ...compare('imported tickets by the bookings', of(pool), counted('imported'), imported),
  ];
}

/** Bookings and holds of a pool that the event does not have. */
function checkStrays(pools: readonly StoredPool[], { booked }: Books): Difference[] {
  const known = new Set(pools.map((pool) => pool.sectionId));
  const strays = booked.filter((entry) => !known.has(entry.sectionId));
  return strays.flatMap((entry) => [
    ...compare('bookings of no pool of the event', of(entry), 0, entry.confirmed ?? 0),
    ...compare('holds of no pool of the event', of(entry), 0, entry.held ?? 0),
  ]);
}

function compare(check: string, where: { sectionId?: string }, expected: number, found: number): Difference[] {
  return expected === found ? [] : [{ check, ...where, expected, found }];
}

function of({ sectionId }: { readonly sectionId: string | undefined }): { sectionId?: string } {
  return sectionId === undefined ? {} : { sectionId };
}
