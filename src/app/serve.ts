import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './app.module.js';
import { HoldPulse } from '../holds/index.js';
import { RecountLoop } from '../integrity/index.js';
import { DOCS_PATH } from './openapi.js';
import { Registry } from 'prom-client';
import { Callers, Revocations } from '../platform/auth/index.js';
import { Database } from '../platform/database/index.js';
import type { Log } from '../platform/logging/index.js';
import type { Worker } from '../platform/workers/index.js';
import { RequestPulse } from '../requests/index.js';
import { WaitlistWatch } from '../waitlist/index.js';
import { joinOthers } from './work.js';

/** Connections that may wait to be accepted. When the queue is full, the client's system retries after 1, 3 and 7 seconds. */
export const BACKLOG = 4_096;

/**
 * Listens, then starts the database (until it is ready, requests are answered with 503), and tells the log where everything is.
 * Where others than this machine reach the address, it asks the database for an API key before it listens. A further worker,
 * beside which others serve the port, listens when it is ready.
 */
export async function serve(app: NestFastifyApplication, config: Config, log: Log, worker?: Worker): Promise<void> {
  const { port, host } = config;
  const [database, callers] = [app.get(Database), app.get(Callers)];
  if (callers.mustHaveKeys) {
    await database.connect();
    await callers.assertKeys();
  }
  if (worker?.isFurther) await database.start();
  await app.listen({ port, host, backlog: BACKLOG });
  const data = await database.start();
  await joinOthers(app);
  await app.get(Revocations).listen();
  worker?.serves(app.get(Registry));
  if (worker?.isFurther) log.info({ pid: process.pid }, 'A further worker is ready');
  else await describe(app, config, data, log);
  app.get(RecountLoop).start();
  app.get(HoldPulse).start();
  app.get(WaitlistWatch).start();
  app.get(RequestPulse).start();
}

async function describe(app: NestFastifyApplication, config: Config, data: string, log: Log): Promise<void> {
  const url = (await app.getUrl()) + config.basePath;
  const keys = await app.get(Callers).describe();
  const page = config.console === 'on' ? [`Page  ${url}/console`] : [];
  const lines = ['Ready', `API   ${url}`, `Docs  ${url}${DOCS_PATH}`, ...page, `Data  ${data}`, `Keys  ${keys}`];
  for (const line of lines) log.info(line);
}
