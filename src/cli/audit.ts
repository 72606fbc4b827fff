import 'reflect-metadata';
import { recountSources } from '../app/recount-sources.js';
import { Progress } from '../common/progress.js';
import { type DatabaseReport, IntegrityRepository, IntegrityService } from '../integrity/index.js';
import { readEnvironment } from '../platform/config/index.js';
import { nativeDb, withDatabase } from '../platform/database/index.js';
import { failToStart, parseArguments } from '../platform/process/index.js';

const USAGE = 'Usage: npm run audit -- [--uri mongodb://…]';

/** Recounts a whole database: `npm run audit -- [--uri mongodb://…]`. Ends with 1 when anything does not add up. */
async function audit(): Promise<{ database: string; report: DatabaseReport }> {
  const environment = readEnvironment();
  const { values } = parseArguments({ options: { uri: { type: 'string' } } }, USAGE);
  const progress = Progress.onStderr(environment);
  return withDatabase(values.uri, environment, async (connection) => {
    const service = new IntegrityService(new IntegrityRepository(connection, recountSources));
    return {
      database: `${nativeDb(connection).databaseName} at ${connection.getClient().options.hosts.join(', ')}`,
      report: await service.recountAll(progress).finally(() => progress.end()),
    };
  });
}

function print(database: string, { events, unbalanced, orphans }: DatabaseReport): boolean {
  for (const { eventId, differences } of unbalanced) {
    console.log(`Event ${eventId} does not balance:`);
    for (const { check, sectionId, bookingId, expected, found } of differences) {
      const where = [sectionId && `section ${sectionId}`, bookingId && `booking ${bookingId}`]
        .filter(Boolean)
        .join(', ');
      console.log(`  ${check}${where && ` (${where})`}: expected ${expected}, found ${found}`);
    }
  }
  const { events: withoutId = 0, ...documents } = orphans;
  if (withoutId > 0) console.log(`${withoutId} events have an id that is no ObjectId, and can not be recounted.`);
  for (const [name, count] of Object.entries(documents)) {
    if (count > 0) console.log(`${count} ${name} name an event that does not exist.`);
  }
  if (events === 0) {
    console.log(`Nothing was recounted: the database ${database} has no events. Check its name in MONGO_URI or --uri.`);
    return false;
  }
  const isBalanced = unbalanced.length === 0 && Object.values(orphans).every((count) => count === 0);
  const summary = unbalanced.length > 0 ? `${unbalanced.length} do not balance.` : 'see above.';
  console.log(`${events} events recounted: ${isBalanced ? 'every book balances.' : summary}`);
  return isBalanced;
}

try {
  const { database, report } = await audit();
  process.exitCode = print(database, report) ? 0 : 1;
} catch (error) {
  failToStart(error);
}
