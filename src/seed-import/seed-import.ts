import type { Progress } from '../common/progress.js';
import { type Db, StartupError } from '../platform/database/index.js';
import { importBookings } from './import-bookings.js';
import { importEvents } from './import-events.js';
import type { ImportLog } from './import-log.js';
import { inspect } from './survey.js';
import { UNTOUCHED_BOOKING, UNTOUCHED_EVENT } from './untouched.js';

/**
 * Takes over a database of the Express API: the documents of its README (`totalTickets`, `userId`) and those of its code
 * (`sections[].remaining`, `qty`, no `userId`). It deletes nothing. Each step touches only what is not taken over yet,
 * so that it may run on several servers at once, and again after a crash.
 * Throws a StartupError, before anything is written, where a document is neither the Express API's nor ours.
 */
export async function importSeed(db: Db, log: ImportLog, progress: Progress): Promise<void> {
  const report = await inspect(db, progress);
  if (!report.isClean) throw new StartupError(report.summary());
  progress.begin('bookings taken over', report.countSeed('bookings'));
  await importBookings(db, log, progress);
  progress.begin('events taken over', report.countSeed('events'));
  await importEvents(db, log, progress);
  progress.end();
  await refuseLatecomers(db);
}

/** What was written meanwhile, and by none of ours, is in no books. */
async function refuseLatecomers(db: Db): Promise<void> {
  const booking = await db.collection('bookings').findOne(UNTOUCHED_BOOKING);
  const event = await db.collection('events').findOne(UNTOUCHED_EVENT);
  if (!booking && !event) return;
  throw new StartupError(
    'Another program has written events or bookings while the database was taken over: stop it (the Express API, for example), and start again.',
  );
}
