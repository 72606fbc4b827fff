import { Types } from 'mongoose';
import type { Snapshot } from '../../platform/database/index.js';
import { MOVEMENT_EFFECTS, type Changes, type MovementKind, sumLines } from './movement.js';

/** What an event or a section says of itself. */
export interface StoredPool {
  readonly sectionId: string | undefined;
  readonly capacity: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
}

/** An event's counts, and what its movements add up to. */
export interface InventoryBooks {
  readonly revision: number;
  readonly whole: StoredPool;
  readonly sections: readonly StoredPool[];
  /** The sum of the movements, and of those of kind `imported` by pool. */
  readonly moved: Changes;
  readonly importedBySection: ReadonlyMap<string | undefined, number>;
  readonly lastMovementRevision: number;
}

type StoredEvent = Readonly<Record<string, unknown>>;

interface LineSum {
  readonly _id: { readonly kind: MovementKind; readonly sectionId?: Types.ObjectId };
  readonly quantity: number;
}

/** Returns undefined if there is no such event. */
export async function readInventory(snapshot: Snapshot, eventId: string): Promise<InventoryBooks | undefined> {
  const id = new Types.ObjectId(eventId);
  const [event] = await snapshot.aggregate<StoredEvent>('events', [{ $match: { _id: id } }]);
  if (!event) return undefined;
  const sums = await snapshot.aggregate<LineSum>('movements', [
    { $match: { eventId: id } },
    { $unwind: '$lines' },
    { $group: { _id: { kind: '$lines.kind', sectionId: '$lines.sectionId' }, quantity: { $sum: '$lines.quantity' } } },
  ]);
  const lines = sums.map(({ _id: { kind, sectionId }, quantity }) => {
    return { kind, sectionId: sectionId?.toHexString(), bookingId: undefined, quantity };
  });
  const [last] = await snapshot.aggregate<{ revision: unknown }>('movements', [
    { $match: { eventId: id } },
    { $sort: { revision: -1 } },
    { $limit: 1 },
  ]);
  const imported = lines.filter(({ kind }) => kind === 'imported');
  return {
    revision: Number(event['revision']),
    whole: toPool(event, undefined, event['totalTickets']),
    sections: ((event['sections'] ?? []) as StoredEvent[]).map((section) =>
      toPool(section, String(section['_id']), section['capacity']),
    ),
    moved: sumLines(lines),
    importedBySection: new Map(imported.map((line) => [line.sectionId, line.quantity])),
    lastMovementRevision: Number(last?.revision ?? 0),
  };
}

/** An aggregation: each line of an event's movements for a booking, with how it changes this count. */
export function movedFor(eventId: string, count: 'soldTickets' | 'heldTickets'): object[] {
  const branches = Object.entries(MOVEMENT_EFFECTS).map(([kind, effect]) => ({
    case: { $eq: ['$lines.kind', kind] },
    then: effect[count],
  }));
  const moved = { $multiply: ['$lines.quantity', { $switch: { branches, default: 0 } }] };
  return [
    { $match: { eventId: new Types.ObjectId(eventId) } },
    { $unwind: '$lines' },
    { $match: { 'lines.bookingId': { $exists: true } } },
    { $project: { bookingId: '$lines.bookingId', sectionId: '$lines.sectionId', moved } },
  ];
}

function toPool(document: StoredEvent, sectionId: string | undefined, capacity: unknown): StoredPool {
  return {
    sectionId,
    capacity: Number(capacity),
    availableTickets: Number(document['availableTickets']),
    heldTickets: Number(document['heldTickets']),
    soldTickets: Number(document['soldTickets']),
  };
}
