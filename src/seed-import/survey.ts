import type { Progress } from '../common/progress.js';
import { type Db, type ObjectId, toObjectId } from '../platform/database/index.js';
import type { Fields } from './checks.js';
import { type CollectionName, COLLECTIONS, Report } from './report.js';
import { judgeBooking, judgeEvent, judgeMovement, type Judgement, OWN } from './shapes.js';

/** A stored document. Its id may be of any type, until the document is known to be the Express API's. */
export interface Document {
  readonly _id: ObjectId;
  readonly [field: string]: unknown;
}

interface Judged {
  readonly document: Document;
  readonly judgement: Judgement;
}

interface JudgedBatch {
  readonly collection: CollectionName;
  readonly judged: readonly Judged[];
}

const BATCH_SIZE = 1_000;
const JUDGES: Record<CollectionName, (fields: Fields) => Judgement> = {
  events: judgeEvent,
  bookings: judgeBooking,
  movements: judgeMovement,
};

/** Reads everything, and writes nothing: says whose each document is. */
export async function inspect(db: Db, progress: Progress): Promise<Report> {
  const report = new Report();
  progress.begin('documents looked at', await countDocuments(db));
  for await (const { collection, judged } of survey(db)) {
    for (const { document, judgement } of judged) report.add(collection, document._id, judgement);
    progress.add(judged.length);
  }
  progress.end();
  return report;
}

/** Returns about how many there are, from the metadata of the collections. */
async function countDocuments(db: Db): Promise<number> {
  const counts = COLLECTIONS.map((name) => db.collection(name).estimatedDocumentCount());
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Every document of the three collections, with whose it is. */
export async function* survey(db: Db): AsyncGenerator<JudgedBatch> {
  for (const collection of COLLECTIONS) {
    for await (const batch of readBatches(db, collection)) {
      const judged = batch.map((document) => ({ document, judgement: JUDGES[collection](document) }));
      yield { collection, judged: collection === 'bookings' ? await judgeLate(db, judged) : judged };
    }
  }
}

/** The documents that match, by id, so that changing those of a batch moves none of the later ones. */
export async function* readBatches(
  db: Db,
  collection: CollectionName,
  filter: object = {},
): AsyncGenerator<readonly Document[]> {
  const found = db.collection<Document>(collection).find(filter, { sort: { _id: 1 }, batchSize: BATCH_SIZE });
  yield* inBatches(found);
}

export async function* inBatches<Row>(rows: AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A booking of the Express API's whose event was taken over without it can't be counted in that event's books any more. */
async function judgeLate(db: Db, judged: readonly Judged[]): Promise<readonly Judged[]> {
  const seed = judged.filter(({ judgement }) => judgement.kind === 'seed').map(({ document }) => document);
  const open = await db
    .collection('events')
    .find({ _id: { $in: seed.map(eventIdOf) }, revision: { $exists: true } }, { projection: { _id: 1 } })
    .toArray();
  if (open.length === 0) return judged;
  const isOpen = new Set(open.map(({ _id }) => String(_id)));
  const suspects = seed.filter((booking) => isOpen.has(String(eventIdOf(booking))));
  // Another server may have taken over these bookings, and then their events, since the batch was read.
  const late = await db
    .collection('bookings')
    .find({ _id: { $in: suspects.map(({ _id }) => _id) }, items: { $exists: false } }, { projection: { _id: 1 } })
    .toArray();
  const isLate = new Set(late.map(({ _id }) => String(_id)));
  const isSuspect = new Set(suspects);
  return judged.map((entry) => {
    if (!isSuspect.has(entry.document)) return entry;
    const cause = 'its event was taken over before, without this booking';
    return { ...entry, judgement: isLate.has(String(entry.document._id)) ? { kind: 'foreign', cause } : OWN };
  });
}

/** The id that a booking of the Express API's names its event by. */
export function eventIdOf(booking: Document): ObjectId {
  return toObjectId(String(booking['eventId']));
}
