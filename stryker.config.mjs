/** What sells tickets, changed in every way that a mutation can: each change has to make a test fail. */
export default {
  mutate: [
    'src/bookings/booking-planner.ts',
    'src/bookings/booking-lane.ts',
    'src/bookings/event-queues.ts',
    'src/bookings/contention.ts',
    'src/events/movement.ts',
    'src/events/ticket-inventory.repository.ts',
  ],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'test/support/mutation.jest.config.mjs', enableFindRelatedTests: false },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 2,
  thresholds: { high: 95, low: 85, break: 85 },
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  htmlReporter: { fileName: 'coverage/mutation.html' },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  tempDirName: 'coverage/.stryker',
  ignorePatterns: ['data', 'coverage', 'docs'],
};
