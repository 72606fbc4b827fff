import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { mongo } from 'mongoose';

export const LOOPBACK = '127.0.0.1';

const ALREADY_INITIALIZED = 23;

/** A client for the mongod on `port` of this machine, whatever its state. */
export function connectDirectly(port: number): mongo.MongoClient {
  return new mongo.MongoClient(`mongodb://${LOOPBACK}:${port}`, {
    directConnection: true,
    serverSelectionTimeoutMS: 1_000,
  });
}

/** Whether a mongod answers on `port` of this machine. */
export async function answers(port: number): Promise<boolean> {
  const client = connectDirectly(port);
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

/** Whether the mongod at `host` takes writes by now; makes it a replica set of one, or moves that set to `host`. */
export async function becomePrimary(admin: mongo.Db, host: string, replicaSet: string): Promise<boolean> {
  const hello = await admin.command({ hello: 1 });
  if (hello['isWritablePrimary']) return hello['me'] === host;
  const members = [{ _id: 0, host }];
  try {
    await admin.command({ replSetInitiate: { _id: replicaSet, members } });
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.code !== ALREADY_INITIALIZED) throw error;
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0].host !== host) {
      await admin.command({ replSetReconfig: { ...config, members, version: config.version + 1 }, force: true });
    }
  }
  return false;
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

/** A port of this machine that nothing listens on: `wanted`, if it is free. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', (error) => (wanted === 0 ? fail(error) : done(freePort())));
    server.listen(wanted, LOOPBACK, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
