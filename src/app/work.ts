import type { INestApplicationContext } from '@nestjs/common';
import { Database } from '../platform/database/index.js';
import { Shutdown } from '../platform/http/index.js';
import type { Log } from '../platform/logging/index.js';
import { Peers } from '../platform/peers/index.js';
import { RequestPulse, RequestWorker } from '../requests/index.js';

/** Joins the other servers, and decides from now on what they call it for. It leaves them when it begins to drain. */
export async function joinOthers(app: INestApplicationContext): Promise<void> {
  const peers = app.get(Peers);
  app.get(Shutdown).beforeDrain(() => peers.leave());
  await peers.join();
  await app.get(RequestWorker).start();
}

/** Decides what waits in queues, and serves nobody. */
export async function work(app: INestApplicationContext, log: Log): Promise<void> {
  const data = await app.get(Database).start();
  await joinOthers(app);
  app.get(RequestPulse).start();
  log.info(`Ready: decides what waits in queues. Data  ${data}`);
}
