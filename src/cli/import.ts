import 'reflect-metadata';
import { Progress } from '../common/progress.js';
import { readEnvironment } from '../platform/config/index.js';
import { type Db, nativeDb, StartupError, withDatabase } from '../platform/database/index.js';
import { failToStart, parseArguments } from '../platform/process/index.js';
import { importSeed, inspect, setAside } from '../seed-import/index.js';

const USAGE = `
Usage: node dist/cli/import.js [--dry-run | --accept-report]

Takes over a database of the Express API, as the first start of the server does. It refuses, and changes nothing, where
the database holds other documents.

  --dry-run           only reports what the database holds; ends with 1 where it holds other documents
  --accept-report     moves the other documents into events_set_aside and bookings_set_aside, and takes over the rest
  --uri mongodb://…   the database; else MONGO_URI, else the embedded MongoDB
`.trim();

function readArguments() {
  const options = {
    'dry-run': { type: 'boolean', default: false },
    'accept-report': { type: 'boolean', default: false },
    uri: { type: 'string' },
  } as const;
  const { values } = parseArguments({ options }, USAGE);
  if (!values['dry-run'] || !values['accept-report']) return values;
  throw new StartupError(USAGE);
}

/** Reports, and takes over what may be. Returns whether nothing is left to be said. */
async function takeOver(
  db: Db,
  progress: Progress,
  mode: { readonly isDry: boolean; readonly isAccepted: boolean },
): Promise<boolean> {
  const report = await inspect(db, progress);
  console.log(String(report));
  if (mode.isDry) return report.isClean;
  if (!report.isClean && mode.isAccepted) await setAside(db, progress);
  await importSeed(db, { warn: (_fields, message) => progress.say(message) }, progress);
  return true;
}

try {
  const { uri, 'dry-run': isDry, 'accept-report': isAccepted } = readArguments();
  const environment = readEnvironment();
  const progress = Progress.onStderr(environment);
  const isDone = await withDatabase(uri, environment, (connection) =>
    takeOver(nativeDb(connection), progress, { isDry, isAccepted }).finally(() => progress.end()),
  );
  process.exitCode = isDone ? 0 : 1;
} catch (error) {
  failToStart(error);
}
