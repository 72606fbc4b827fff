import { createHash } from 'node:crypto';
import type { Progress } from '../common/progress.js';
import { type Db, type ObjectId, toObjectId } from '../platform/database/index.js';
import {
  type ImportedEvent,
  openBooks,
  type SeedEvent,
  type SeedSection,
  shortened,
  type SoldTickets,
} from './opening-counts.js';
import type { ImportLog } from './import-log.js';
import { judgeEvent } from './shapes.js';
import { type Document, inBatches, readBatches } from './survey.js';
import { MAJORITY, UNTOUCHED_EVENT } from './untouched.js';

interface SoldOfEvent {
  readonly _id: ObjectId;
  readonly pools: readonly SoldTickets<ObjectId>[];
}

const BATCH_SIZE = 1_000;

/** Opens the books of the Express API's events: those with bookings first, each with what they have; then the others. */
export async function importEvents(db: Db, log: ImportLog, progress: Progress): Promise<void> {
  const events = db.collection<Document>('events');
  for await (const sold of inBatches(countSold(db))) {
    const these = { _id: { $in: sold.map(({ _id }) => _id) }, ...UNTOUCHED_EVENT };
    const found = await events.find(these, { sort: { _id: 1 } }).toArray();
    progress.add(await openAll(db, found, new Map(sold.map(({ _id, pools }) => [String(_id), pools])), log));
  }
  for await (const found of readBatches(db, 'events', UNTOUCHED_EVENT)) {
    progress.add(await openAll(db, found, new Map(), log));
  }
}

/** What the imported bookings say is sold, by event and section: one command for all of them. */
function countSold(db: Db): AsyncIterable<SoldOfEvent> {
  return db.collection('bookings').aggregate<SoldOfEvent>(
    [
      { $match: { imported: true, status: 'confirmed' } },
      { $unwind: '$items' },
      {
        $group: {
          _id: { eventId: '$eventId', sectionId: { $ifNull: ['$items.sectionId', null] } },
          sold: { $sum: '$items.quantity' },
        },
      },
      { $group: { _id: '$_id.eventId', pools: { $push: { sectionId: '$_id.sectionId', sold: '$sold' } } } },
      { $sort: { _id: 1 } },
    ],
    { allowDiskUse: true, batchSize: BATCH_SIZE },
  );
}

/** Returns how many of the events it has opened, or another server before it. */
async function openAll(
  db: Db,
  found: readonly Document[],
  sold: ReadonlyMap<string, readonly SoldTickets<ObjectId>[]>,
  log: ImportLog,
): Promise<number> {
  const opened = found
    .filter((event) => judgeEvent(event).kind === 'seed')
    .map((event) => ({ _id: event._id, ...openBooks(toSeedEvent(event), sold.get(String(event._id)) ?? []) }));
  if (opened.length === 0) return 0;
  const at = new Date();
  // The movements first, and only where there is none: a crash between the two is mended by the next run. A movement's
  // id is its event's, since nothing else keeps two servers from making one each: the unique index is made later.
  const movements = opened.map(({ imbalances, ...event }) => ({
    updateOne: {
      filter: { _id: event._id },
      update: { $setOnInsert: { eventId: event._id, revision: 1, lines: openingLines(event), at, imbalances } },
      upsert: true,
    },
  }));
  await db.collection('movements').bulkWrite(movements, { ordered: false, ...MAJORITY });
  for (const event of opened) tellImbalances(event, log);
  const events = opened.map(({ _id, imbalances: _, ...fields }) => ({
    updateOne: { filter: { _id, ...UNTOUCHED_EVENT }, update: { $set: { ...fields, updatedAt: at } } },
  }));
  await db.collection('events').bulkWrite(events, { ordered: false, ...MAJORITY });
  return opened.length;
}

/** The event with an id for each section that has none: the same one whenever, and on whichever server, it is made. */
function toSeedEvent(event: Document): SeedEvent<ObjectId> {
  const sections = event['sections'] as readonly Omit<SeedSection<ObjectId>, '_id'>[] | undefined;
  if (!sections) return event;
  const digest = (index: number) => createHash('sha256').update(`${event._id.toHexString()} ${index}`).digest('hex');
  const named = sections.map((section, index) => ({ _id: toObjectId(digest(index).slice(0, 24)), ...section }));
  return { ...event, sections: named };
}

function openingLines(event: Omit<ImportedEvent, 'imbalances'>): object[] {
  const whole = { capacity: event.totalTickets, soldTickets: event.soldTickets };
  return (event.sections.length > 0 ? event.sections : [whole]).flatMap((pool) => {
    const sectionId = '_id' in pool ? { sectionId: pool._id } : {};
    return [
      { kind: 'opened', ...sectionId, quantity: pool.capacity },
      { kind: 'imported', ...sectionId, quantity: pool.soldTickets },
    ];
  });
}

function tellImbalances({ _id, name, imbalances }: ImportedEvent & { readonly _id: ObjectId }, log: ImportLog): void {
  for (const imbalance of imbalances) {
    log.warn({ eventId: _id.toHexString() }, `the books of "${shortened(name)}" did not balance: ${imbalance}`);
  }
}
