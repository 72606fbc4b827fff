import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { mongo } from 'mongoose';

export const LOOPBACK = '127.0.0.1';

/** Asked again and again until it is true; an error counts as "not yet". */
export type IsReady = (client: mongo.MongoClient) => Promise<boolean>;

/** What the mongod at `host`, as `address:port`, says; false where none answers. */
export async function ask(host: string, isReady: IsReady): Promise<boolean> {
  // A client for each question: a client whose first server selection failed never connects again.
  const client = new mongo.MongoClient(`mongodb://${host}`, {
    directConnection: true,
    serverSelectionTimeoutMS: 1_000,
  });
  try {
    return await isReady(client);
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

/** Whether a mongod answers on `port` of this machine. */
export function answers(port: number): Promise<boolean> {
  return ask(`${LOOPBACK}:${port}`, async (client) => (await client.db('admin').command({ ping: 1 }))['ok'] === 1);
}

/** Whether the mongod at `host` takes writes by now; makes it a replica set of one where it is none. */
export async function becomePrimary(client: mongo.MongoClient, host: string, replicaSet: string): Promise<boolean> {
  const admin = client.db('admin');
  const hello = await admin.command({ hello: 1 });
  if (hello['isWritablePrimary']) return true;
  // Without a set's name it has no configuration yet, or has not loaded it: it says which.
  if (hello['setName'] !== undefined) return false;
  const status = await admin
    .command({ replSetGetStatus: 1 })
    .catch((error: unknown) => (error instanceof mongo.MongoServerError ? error.codeName : undefined));
  if (status === 'NotYetInitialized') {
    await admin.command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host }] } });
  }
  return false;
}

/** Moves a replica set of one to another address, on a mongod that was started without `--replSet`. */
export async function moveReplicaSet(client: mongo.MongoClient, host: string): Promise<true> {
  await client
    .db('local')
    .collection('system.replset')
    .updateMany({}, { $set: { 'members.0.host': host } });
  return true;
}

/** Whether the process still runs; one that was killed and waits to be collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

/** Below the range from which systems take the ports of outgoing connections, so that it is free at the next start. */
const PORTS = { first: 20_000, count: 10_000 };

/** A port of this machine that nothing listens on: `wanted`, if it is free. */
export function freePort(wanted = PORTS.first + Math.floor(Math.random() * PORTS.count)): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(freePort()));
    server.listen(wanted, LOOPBACK, () => server.close(() => done(wanted)));
  });
}
