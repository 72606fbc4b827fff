import type { Migration } from '../platform/database/index.js';
import { importSeed } from './seed-import.js';

export const seedImport: Migration = { id: '0001-seed-import', up: importSeed };
