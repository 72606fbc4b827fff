import { fileURLToPath } from 'node:url';
import config from '../../jest.config.mjs';

const [unit] = config.projects;

/** The tests that a mutant has to survive: those of what is decided, and those of the inventory on a real MongoDB. */
export default {
  ...unit,
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  testMatch: ['booking-planner', 'booking-lane', 'event-queues', 'contention', 'movement', 'inventory'].map(
    (name) => `<rootDir>/test/{unit,database}/${name}*spec.ts`,
  ),
  testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
};
