/**
 * Who may import whom: `common` ← `platform` ← product, and in the product `events` ← `bookings` ← later features.
 * `main.ts`, `app/` and `cli/` compose what there is: they may import any door, and no feature imports them.
 */
const FEATURE = '^src/(?!common/|platform/|app/|cli/)[^/]+/';
/** What is decided, as data in and data out. New files belong here by their folder, or by name where the folder holds others. */
const PURE = [
  '^src/bookings/(lane|decide)/',
  '^src/bookings/booking\\.ts$',
  '^src/events/(event|event-list|sales)\\.ts$',
  '^src/events/inventory/movement\\.ts$',
  '^src/integrity/recount\\.ts$',
  '^src/seed-import/(opening-counts|checks|shapes|imported-booking)\\.ts$',
];
const STORES = [
  '\\.repository\\.ts$',
  '\\.schema\\.ts$',
  '\\.recount\\.ts$',
  '/schemas/',
  '/store/',
  '^src/platform/database/',
];
const DRIVER = 'node_modules/(mongoose|mongodb)/';

const rule = (name, from, to) => ({ name, severity: 'error', from, to });

export default {
  forbidden: [
    // A cycle has no bottom to read from.
    rule('no-cycle', {}, { circular: true }),
    // What is imported exists.
    rule('no-missing', {}, { couldNotResolve: true }),
    rule('common-knows-nobody', { path: '^src/common/' }, { path: '^src/(?!common/)' }),
    // Frameworks stay under common/http, so that the rest runs anywhere.
    rule('common-is-plain', { path: '^src/common/(?!http/)' }, { path: 'node_modules/' }),
    rule('platform-knows-no-product', { path: '^src/platform/' }, { path: '^src/(?!common/|platform/)' }),
    rule('events-know-no-feature', { path: '^src/events/' }, { path: FEATURE, pathNot: '^src/events/' }),
    rule(
      'bookings-know-events-only',
      { path: '^src/bookings/' },
      { path: FEATURE, pathNot: '^src/(bookings|events)/' },
    ),
    // What composes the product is at its top.
    rule('composed-by-none', { path: '^src/[^/]+/', pathNot: '^src/cli/' }, { path: '^src/([^/]+\\.ts$|cli/)' }),
    // A feature may change all that its index.ts does not name.
    rule(
      'through-the-door',
      { path: '^src/([^/]+)' },
      { path: FEATURE, pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    ),
    rule(
      'through-the-door-of-the-platform',
      { path: '^src/(platform/[^/]+|[^/]+)' },
      { path: '^src/platform/', pathNot: ['^src/$1/', '^src/platform/[^/]+/index\\.ts$'] },
    ),
    rule(
      'controllers-ask-services',
      { path: '\\.controller\\.ts$' },
      {
        path: ['\\.repository\\.ts$', '\\.schema\\.ts$', '/(schemas|store)/', DRIVER, 'node_modules/@nestjs/mongoose/'],
      },
    ),
    rule(
      'services-know-no-http',
      { path: '\\.(service|repository)\\.ts$' },
      { path: ['\\.controller\\.ts$', '/(dto|api)/', '^src/common/http/', 'node_modules/(fastify|@nestjs/swagger)/'] },
    ),
    rule('repositories-know-no-service', { path: '\\.repository\\.ts$' }, { path: '\\.service\\.ts$' }),
    rule('only-stores-touch-the-driver', { pathNot: [...STORES, '^src/cli/'] }, { path: DRIVER }),
    // The rest sees spans of our own, which are empty where nothing is traced.
    rule(
      'only-tracing-touches-opentelemetry',
      { pathNot: '^src/platform/tracing/' },
      { path: 'node_modules/@opentelemetry/' },
    ),
    rule(
      'only-stores-and-modules-touch-nestjs-mongoose',
      { pathNot: [...STORES, '\\.module\\.ts$'] },
      { path: 'node_modules/@nestjs/mongoose/' },
    ),
    // What is decided can be tested, and read, without a framework or a database.
    rule(
      'domain-is-pure',
      { path: PURE },
      {
        path: [
          'node_modules/',
          '^src/platform/',
          '^src/common/http/',
          '/(dto|api|schemas|store)/',
          '\\.(service|repository|module)\\.ts$',
        ],
      },
    ),
    rule(
      'src-stands-alone',
      { path: '^src/' },
      { path: '^(?!src/|node_modules/)[^/]+/', dependencyTypesNot: ['core'] },
    ),
    rule('no-development-dependency', { path: '^src/' }, { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
