/** Types are checked by `npm run check`; here they are only stripped. */
const typescript = {
  useESM: true,
  transpilation: true,
  tsconfig: {
    target: 'ES2023',
    module: 'ESNext',
    moduleResolution: 'bundler',
    isolatedModules: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    useDefineForClassFields: false,
    esModuleInterop: true,
    inlineSourceMap: true,
  },
};

const project = (name, folders) => ({
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', typescript] },
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata'],
  ...(name !== 'unit' && {
    globalSetup: '<rootDir>/test/support/global-setup.mjs',
    globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  }),
});

export default {
  projects: [project('unit', ['unit']), project('e2e', ['e2e', 'concurrency', 'faults', 'process', 'database'])],
  // For a test that hangs. No test is judged by how long it takes.
  testTimeout: 240_000,
  // Many tests wait for something most of the time: three keep two cores busy.
  maxWorkers: 3,
  // Modules of a test file are not all freed after it.
  workerIdleMemoryLimit: '800MB',
  randomize: true,
};
