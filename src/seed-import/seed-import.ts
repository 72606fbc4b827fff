import { type Db, newObjectId, type ObjectId } from '../platform/database/index.js';
import type { Log } from '../platform/logging/index.js';
import { type ImportedEvent, openBooks, type SeedEvent, seedSections, type SoldTickets } from './opening-counts.js';

const MAJORITY = { writeConcern: { w: 'majority', journal: true } } as const;

/**
 * Takes over a database of the seed's: the documents of its README (`totalTickets`, `userId`) and those of its code
 * (`sections[].remaining`, `qty`, no `userId`). Nothing is deleted. Every step only touches what is not taken over
 * yet, so that it may run on several servers at once, and again after a crash.
 */
export async function importSeed(db: Db, log: Log): Promise<void> {
  await importBookings(db);
  const events = db.collection<SeedEvent<ObjectId>>('events');
  for await (const found of events.find({ revision: { $exists: false } })) {
    const event = await nameSections(db, found);
    if (event) await importEvent(db, event, log);
  }
}

/** The event with an id for each of its sections, which are given once; null where it is taken over by now. */
async function nameSections(db: Db, event: SeedEvent<ObjectId>): Promise<SeedEvent<ObjectId> | null> {
  const sections = seedSections(event);
  if (sections.every((section) => section['_id'] !== undefined)) return event;
  const events = db.collection<SeedEvent<ObjectId>>('events');
  const untouched = { _id: event._id, sections, revision: { $exists: false } };
  const named = sections.map((section) => ({ _id: newObjectId(), ...section }));
  await events.updateOne(untouched, { $set: { sections: named } }, MAJORITY);
  return events.findOne({ _id: event._id, revision: { $exists: false } });
}

async function importBookings(db: Db): Promise<void> {
  const toObjectId = (field: string, otherwise: unknown) => ({
    $convert: { input: field, to: 'objectId', onError: otherwise, onNull: null },
  });
  const stated = { $ifNull: ['$quantity', '$qty'] };
  const quantity = { $toInt: { $cond: [{ $isNumber: stated }, { $max: [1, { $ceil: stated }] }, 1] } };
  const createdAt = { $ifNull: ['$createdAt', { $toDate: '$_id' }] };
  const sectionId = toObjectId('$sectionId', null);
  await db.collection('bookings').updateMany(
    { items: { $exists: false } },
    [
      {
        $set: {
          eventId: toObjectId('$eventId', '$eventId'),
          userId: { $convert: { input: '$userId', to: 'string', onError: null, onNull: null } },
          quantity,
          items: [{ $cond: [{ $eq: [sectionId, null] }, { quantity }, { sectionId, quantity }] }],
          status: 'confirmed',
          bookedAt: { $convert: { input: '$bookedAt', to: 'date', onError: createdAt, onNull: createdAt } },
          imported: true,
        },
      },
    ],
    MAJORITY,
  );
}

async function importEvent(db: Db, event: SeedEvent<ObjectId>, log: Log): Promise<void> {
  await assignStrayBookings(db, event);
  const { imbalances, ...fields } = openBooks(event, await countSold(db, event._id));
  // The movement first, and only if there is none: a crash between the two is mended by the next run. Its id is the
  // event's, since nothing else keeps two servers from making one each: the unique index is made later.
  await db
    .collection('movements')
    .updateOne(
      { _id: event._id },
      { $setOnInsert: { eventId: event._id, revision: 1, lines: openingLines(fields), at: new Date(), imbalances } },
      { upsert: true, ...MAJORITY },
    );
  const taken = await db
    .collection('events')
    .updateOne(
      { _id: event._id, revision: { $exists: false } },
      { $set: { ...fields, updatedAt: new Date() } },
      MAJORITY,
    );
  if (taken.modifiedCount === 0) return;
  for (const imbalance of imbalances) {
    log.warn({ eventId: event._id.toHexString() }, `the books of "${fields.name}" did not balance: ${imbalance}`);
  }
}

/** A booking that names no section of its event counts against a pool of its own, whose id is the event's. */
async function assignStrayBookings(db: Db, event: SeedEvent<ObjectId>): Promise<void> {
  const sectionIds = seedSections(event).map((section) => section['_id']);
  const item = sectionIds.length > 0 ? { sectionId: event._id, quantity: '$quantity' } : { quantity: '$quantity' };
  await db
    .collection('bookings')
    .updateMany(
      { eventId: event._id, imported: true, 'items.sectionId': { $nin: sectionIds } },
      [{ $set: { items: [item] } }],
      MAJORITY,
    );
}

/** What the bookings say is sold, by section. */
async function countSold(db: Db, eventId: ObjectId): Promise<SoldTickets<ObjectId>[]> {
  return db
    .collection('bookings')
    .aggregate<SoldTickets<ObjectId>>([
      { $match: { eventId, status: 'confirmed' } },
      { $unwind: '$items' },
      { $group: { _id: '$items.sectionId', sold: { $sum: '$items.quantity' } } },
      { $project: { _id: 0, sectionId: { $ifNull: ['$_id', null] }, sold: 1 } },
    ])
    .toArray();
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
