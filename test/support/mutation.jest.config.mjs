import { fileURLToPath } from 'node:url';
import config from '../../jest.config.mjs';

/** The tests that have to notice a mutation: of the decisions, of the import's guards, or of the inventory on a real MongoDB. */
const TESTS = {
  decisions: ['booking-planner', 'booking-lane', 'event-queues', 'batch-shares', 'movement', 'command-registry'].map(
    (name) => `unit/${name}`,
  ),
  import: ['seed-shapes', 'imported-booking', 'opening-counts'].map((name) => `unit/${name}`),
  inventory: ['database/inventory'],
};
const [unit] = config.projects;

export default {
  ...unit,
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  testMatch: TESTS[process.env['MUTATION_PART']].map((name) => `<rootDir>/test/${name}*spec.ts`),
  testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
};
