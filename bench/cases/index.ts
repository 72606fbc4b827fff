import type { Case } from '../bench.js';
import type { CaseName } from '../options.js';
import { abuser } from './abuser.js';
import { consoleOpen } from './console.js';
import { feed } from './feed.js';
import { getEvent } from './get-event.js';
import { holdConfirm } from './hold-confirm.js';
import { holdExpiry } from './hold-expiry.js';
import { holdRush } from './hold-rush.js';
import { live } from './live.js';
import { manyEvents } from './many-events.js';
import { million } from './million.js';
import { oneEvent } from './one-event.js';
import { overload } from './overload.js';
import { processes } from './processes.js';
import { queue } from './queue.js';
import { servers } from './servers.js';
import { shop } from './shop.js';
import { soldOut } from './sold-out.js';
import { threeNodes } from './three-nodes.js';
import { tracing } from './tracing.js';
import { without } from './variants.js';
import { waitlistStorm } from './waitlist-storm.js';
import { writeConcern } from './write-concern.js';

export const CASES: Readonly<Record<CaseName, Case>> = {
  'one-event-1': oneEvent(1, ['product', 'no-op', 'seed', 'textbook', 'postgres']),
  'one-event-20': oneEvent(20, ['product', 'no-op', 'seed', 'textbook', 'postgres']),
  'one-event-100': oneEvent(100, ['product', 'no-op', 'bare', 'seed', 'textbook', 'postgres', 'postgres-same']),
  'one-event-1000': oneEvent(1_000, ['product', 'no-op', 'seed', 'textbook', 'postgres', 'postgres-same']),
  '500-events': manyEvents,
  'sold-out': soldOut,
  'get-event': getEvent,
  feed,
  shop,
  'hold-confirm': holdConfirm,
  'hold-rush': holdRush,
  'hold-expiry': holdExpiry,
  'waitlist-storm': waitlistStorm,
  live,
  console: consoleOpen,
  'processes-4': processes,
  servers,
  queue,
  'three-nodes': threeNodes,
  'write-concern': writeConcern,
  overload,
  'rate-limits': without('rate limits', { environment: { RATE_LIMIT_ENABLED: 'false' } }),
  metrics: without('metrics', { preload: '../support/no-metrics.mjs' }),
  tracing,
  abuser,
  million,
};
