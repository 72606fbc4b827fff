import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { type DatabaseReport, IntegrityRepository, IntegrityService } from '../integrity/index.js';
import { readEnvironment } from '../platform/config/index.js';
import { StartupError, withDatabase } from '../platform/database/index.js';
import { failToStart } from '../platform/process/index.js';

/** Recounts a whole database: `npm run audit -- [--uri mongodb://…]`. Ends with 1 when anything does not add up. */
async function audit(): Promise<DatabaseReport> {
  const environment = readEnvironment();
  return withDatabase(uriArgument(), environment, (connection) =>
    new IntegrityService(new IntegrityRepository(connection)).recountAll(),
  );
}

function uriArgument(): string | undefined {
  try {
    return parseArgs({ options: { uri: { type: 'string' } } }).values.uri;
  } catch (error) {
    throw new StartupError(`${(error as Error).message}\nUsage: npm run audit -- [--uri mongodb://…]`);
  }
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
