import { freePort } from '../../scripts/support/free-port.js';
import { findProgram } from '../../scripts/support/program-folders.js';
import { redisAnswers, redisArguments } from '../../scripts/support/redis-program.js';
import { launch, untilReady } from './processes.js';
import type { Scope } from './scope.js';

/** Starts a Redis that ends with the scope, and returns its URL; undefined where it is not installed. */
export async function startRedis(scope: Scope): Promise<string | undefined> {
  const program = findProgram('redis-server');
  if (program === undefined) return undefined;
  const port = await freePort();
  const launched = launch(scope, program, redisArguments(port), {});
  await untilReady('Redis', launched, () => redisAnswers(port));
  return `redis://127.0.0.1:${port}`;
}
