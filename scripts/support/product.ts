import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD_TIMEOUT_MS = 5 * 60_000;
const START_TIMEOUT_MS = 15 * 60_000;

/** The product as a process of its own, on a throw-away database. */
export interface Product {
  readonly url: string;
  /** Ends the server and its database, and removes the data. */
  stop(): Promise<void>;
}

/** The server, and the console: earlier releases have none. */
const BUILDS = [['node_modules/@nestjs/cli/bin/nest.js', 'build'], ['console/build.mjs']] as const;

/** Builds the product in `root`; what the build says goes to stderr. Throws when it fails. */
export function buildProduct(root = ROOT): void {
  for (const [program, ...options] of BUILDS.filter(([file]) => existsSync(join(root, file)))) {
    const { status } = spawnSync(process.execPath, [program, ...options], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      timeout: BUILD_TIMEOUT_MS,
    });
    if (status !== 0) throw new Error(`the product does not build in ${root}`);
  }
}

/** Starts the built product in an empty folder, on a port that is free. Its log goes to stderr. */
export async function startProduct(): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-booking-'));
  const port = await freePort();
  const { MONGO_URI: _, ...environment } = process.env;
  const server = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
    cwd: folder,
    env: { ...environment, NODE_ENV: 'production', LOG_LEVEL: 'error', HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 2, 2],
  });
  const stop = async () => {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(1)));
  }
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && server.exitCode === null && server.signalCode === null) {
    const isReady = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the product did not start');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  await ended;
}
