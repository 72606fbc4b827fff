import { Progress } from '../common/progress.js';
import type { Migration } from '../platform/database/index.js';
import { importSeed } from './seed-import.js';

export { importSeed } from './seed-import.js';
export { setAside } from './set-aside.js';
export { inspect } from './survey.js';

export const seedImport: Migration = {
  id: '0001-seed-import',
  up: (db, log) => {
    const output = { write: (text: string) => log.info({}, text.trimEnd()) };
    return importSeed(db, log, new Progress(output, 'lines', () => performance.now()));
  },
};
