/** The code that sells tickets or takes them over. Each mutation of it has to make a test fail. */
const MUTATED = {
  decisions: [
    'src/bookings/decide/{planner,draft,draft-table,book,cancel,booking-moves,user-tickets}.ts',
    'src/bookings/command-registry.ts',
    'src/bookings/lane/{booking-lane,member}.ts',
    'src/bookings/lane/event-queues.ts',
    'src/bookings/lane/batch-shares.ts',
    'src/events/inventory/movement.ts',
  ],
  import: ['src/seed-import/{checks,shapes,imported-booking,opening-counts}.ts'],
  inventory: ['src/events/inventory/ticket-inventory.repository.ts'],
};
const part = process.env['MUTATION_PART'];

export default {
  mutate: MUTATED[part],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'test/support/mutation.jest.config.mjs', enableFindRelatedTests: false },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 2,
  thresholds: { high: 95, low: 85, break: 85 },
  plugins: ['@stryker-mutator/jest-runner', './scripts/support/tell-progress.mjs'],
  reporters: ['tell-progress', 'clear-text', 'html', 'json'],
  htmlReporter: { fileName: `coverage/mutation-${part}.html` },
  jsonReporter: { fileName: `coverage/mutation-${part}.json` },
  tempDirName: 'coverage/.stryker',
  ignorePatterns: ['data', 'coverage', 'docs'],
};
