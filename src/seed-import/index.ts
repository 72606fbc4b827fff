import type { Migration } from '../platform/database/index.js';
import { importSeed } from './seed-import.js';

export { importSeed } from './seed-import.js';
export { setAside } from './set-aside.js';
export { inspect } from './survey.js';

export const seedImport: Migration = { id: '0001-seed-import', up: importSeed };
