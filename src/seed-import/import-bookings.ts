import type { Progress } from '../common/progress.js';
import { type Db, type ObjectId, toObjectId } from '../platform/database/index.js';
import { type BookedEvent, type SeedBooking, takeOverBooking } from './imported-booking.js';
import type { ImportLog } from './import-log.js';
import { judgeBooking } from './shapes.js';
import { type Document, eventIdOf, readBatches } from './survey.js';
import { MAJORITY, UNTOUCHED_BOOKING } from './untouched.js';

interface FoundEvent extends BookedEvent {
  readonly isOpen: boolean;
}

interface EventSections {
  readonly _id: ObjectId;
  readonly revision?: number;
  readonly sections?: readonly { readonly _id?: ObjectId }[];
}

/** Gives the Express API's bookings the fields of ours: three commands for a thousand of them, however many there are. */
export async function importBookings(db: Db, log: ImportLog, progress: Progress): Promise<void> {
  let orphans = 0;
  for await (const batch of readBatches(db, 'bookings', UNTOUCHED_BOOKING)) {
    const bookings = batch.filter((document) => judgeBooking(document).kind === 'seed').map(toSeedBooking);
    const events = await readEvents(db, bookings);
    const open = bookings.filter(({ eventId }) => !events.get(String(eventId))?.isOpen);
    if (open.length > 0) await write(db, open, events);
    orphans += open.filter(({ eventId }) => !events.has(String(eventId))).length;
    progress.add(open.length);
  }
  if (orphans > 0) log.warn({ orphans }, `${orphans} bookings name an event that does not exist: they are kept`);
}

async function write(
  db: Db,
  bookings: readonly SeedBooking<ObjectId>[],
  events: ReadonlyMap<string, FoundEvent>,
): Promise<void> {
  const updates = bookings.map((booking) => {
    const fields = takeOverBooking(booking, events.get(String(booking.eventId)));
    return { updateOne: { filter: { _id: booking._id, ...UNTOUCHED_BOOKING }, update: { $set: fields } } };
  });
  await db.collection('bookings').bulkWrite(updates, { ordered: false, ...MAJORITY });
}

async function readEvents(db: Db, bookings: readonly SeedBooking<ObjectId>[]): Promise<Map<string, FoundEvent>> {
  const events = await db
    .collection<EventSections>('events')
    .find({ _id: { $in: bookings.map(({ eventId }) => eventId) } }, { projection: { revision: 1, 'sections._id': 1 } })
    .toArray();
  return new Map(events.map((event) => [String(event._id), toFoundEvent(event)]));
}

function toFoundEvent({ revision, sections = [] }: EventSections): FoundEvent {
  const ids = sections.map(({ _id }) => _id).filter((id) => id !== undefined);
  return { isOpen: revision !== undefined, hasSections: sections.length > 0, sectionIds: new Set(ids.map(String)) };
}

/** The booking with ids for the digits that it may have instead. */
function toSeedBooking(document: Document): SeedBooking<ObjectId> {
  const sectionId = document['sectionId'] as ObjectId | string | null | undefined;
  return { ...document, eventId: eventIdOf(document), sectionId: sectionId ? toObjectId(String(sectionId)) : null };
}
