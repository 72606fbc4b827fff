import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { createConnection } from 'mongoose';
import { type DatabaseReport, IntegrityRepository, IntegrityService } from '../integrity/index.js';
import { readEnvironment } from '../platform/config/index.js';
import { withDatabaseUri } from '../platform/database/index.js';
import { failToStart } from '../platform/process/index.js';

/** Recounts a whole database: `npm run audit -- [--uri mongodb://…]`. Ends with 1 when anything does not add up. */
async function audit(): Promise<DatabaseReport> {
  const environment = readEnvironment();
  const { values } = parseArgs({ options: { uri: { type: 'string' } } });
  return withDatabaseUri(values.uri ?? environment['MONGO_URI'], environment, async (uri, options) => {
    const connection = await createConnection(uri, options).asPromise();
    try {
      return await new IntegrityService(new IntegrityRepository(connection)).recountAll();
    } finally {
      await connection.close();
    }
  });
}

function print({ events, unbalanced, orphans }: DatabaseReport): boolean {
  for (const { eventId, differences } of unbalanced) {
    console.log(`Event ${eventId} does not balance:`);
    for (const { check, sectionId, bookingId, expected, found } of differences) {
      const where = [sectionId && `section ${sectionId}`, bookingId && `booking ${bookingId}`]
        .filter(Boolean)
        .join(', ');
      console.log(`  ${check}${where && ` (${where})`}: expected ${expected}, found ${found}`);
    }
  }
  for (const [name, count] of Object.entries(orphans)) {
    if (count > 0) console.log(`${count} ${name} name an event that does not exist.`);
  }
  const isBalanced = unbalanced.length === 0 && orphans.bookings === 0 && orphans.movements === 0;
  console.log(
    `${events} events recounted: ${isBalanced ? 'every book balances.' : `${unbalanced.length} do not balance.`}`,
  );
  return isBalanced;
}

try {
  process.exitCode = print(await audit()) ? 0 : 1;
} catch (error) {
  failToStart(error);
}
