import { spawnSync } from 'node:child_process';
import { chownSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/support/free-port.js';
import { programFolders } from '../../scripts/support/program-folders.js';
import { launch, temporaryFolder, untilDone, untilReady } from './processes.js';
import type { Scope } from './scope.js';

/** As durable as a journaled majority; otherwise with room enough that no default slows it down. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '512MB',
  max_connections: '200',
  max_wal_size: '4GB',
  wal_buffers: '16MB',
  jit: 'off',
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
};

export interface Postgres {
  readonly version: string;
  /** The URL of a database that nothing else uses. */
  freshUrl(): Promise<string>;
}

/** Starts a server on a folder of its own. Throws where PostgreSQL does not start; undefined where there is none. */
export async function startPostgres(scope: Scope): Promise<Postgres | undefined> {
  const binaries = findBinaries();
  if (binaries === undefined) return undefined;
  const folder = temporaryFolder(scope);
  const user = unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const cluster = ['-D', folder, '-U', 'bench', '--auth=trust', '-E', 'UTF8'];
  await untilDone('initdb', launch(scope, join(binaries, 'initdb'), cluster, { ...user, cwd: folder }));
  const port = await freePort();
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // SIGINT disconnects the clients that there are and shuts down.
  const options = { ...user, cwd: folder, endSignal: 'SIGINT' } as const;
  const server = launch(scope, join(binaries, 'postgres'), ['-D', folder, ...settings], options);
  const base = `postgres://bench@127.0.0.1:${port}`;
  let version: string | undefined;
  await untilReady('PostgreSQL', server, async () => {
    version = (await ask<{ server_version: string }>(base, 'SHOW server_version'))?.server_version;
    return true;
  });
  let databases = 0;
  const freshUrl = async () => {
    const name = `bench_${++databases}`;
    await ask(base, `CREATE DATABASE ${name}`);
    return `${base}/${name}`;
  };
  return { version: version ?? '', freshUrl };
}

async function ask<Row extends pg.QueryResultRow>(base: string, text: string): Promise<Row | undefined> {
  const client = new pg.Client(`${base}/postgres`);
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows[0];
  } finally {
    await client.end();
  }
}

function findBinaries(): string | undefined {
  return programFolders().find((folder) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))),
  );
}

/** PostgreSQL refuses root: then it runs as the user that its package makes. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((which) => {
    const { status, stdout } = spawnSync('id', [which, 'postgres'], { encoding: 'utf8' });
    if (status !== 0) throw new Error('PostgreSQL refuses root, and there is no user named postgres to run it as');
    return Number(stdout);
  });
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
