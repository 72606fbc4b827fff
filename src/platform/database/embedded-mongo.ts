import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../common/assert.js';
import type { Environment } from '../config/index.js';
import { DataFolder, DataInUse } from './data-folder.js';
import {
  answers,
  becomePrimary,
  ask,
  freePort,
  isAlive,
  type IsReady,
  LOOPBACK,
  moveReplicaSet,
} from './local-mongod.js';
import { findMongod, type Report } from './mongod-binary.js';
import { StoppedEarly } from './startup-error.js';

const REPLICA_SET = 'ticket-booking';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/** How long the mongod of a server that was killed may take to let go of the data. */
const ORPHAN_TIMEOUT_MS = 15_000;
const POLL_MS = 50;
const RESTART_DELAY_MS = 1_000;

const STANDALONE_OPTIONS = [
  ['--bind_ip', LOOPBACK],
  ['--wiredTigerCacheSizeGB', '1'],
  // MongoDB 6.0.5 is older than the fix of CVE-2025-14847, which is in zlib's decompression.
  ['--networkMessageCompressors', 'disabled'],
  // A server killed inside a transaction would leave it open for a minute, its event locked.
  ['--setParameter', 'transactionLifetimeLimitSeconds=5'],
  ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
].flat();
const MEMBER_OPTIONS = [...STANDALONE_OPTIONS, '--replSet', REPLICA_SET, '--oplogSize', '512'];

/** Waits until the server's end of its input closes, however that server ended, and ends mongod. */
const WATCHER = 'cat >/dev/null; kill "$1" 2>/dev/null';

/** Where server and commands keep its data, in the folder that they are started in. */
export const DATA_FOLDER = 'data';

/** A MongoDB of our own: a replica set of one on the loopback address, whose data stays in a folder. */
export class EmbeddedMongo {
  private mongod: ChildProcess | undefined;
  private readonly data: DataFolder;
  private stopping = false;

  constructor(
    readonly dataFolder: string,
    private readonly environment: Environment,
    private readonly report: Report,
  ) {
    this.data = new DataFolder(dataFolder);
  }

  /** The URI of the mongod that another process runs on this folder; undefined where there is none. */
  async findRunning(): Promise<string | undefined> {
    const address = await this.data.readAddress();
    return address && isAlive(address.ownerPid) && (await answers(address.port)) ? address.uri : undefined;
  }

  /**
   * Starts mongod and returns its URI once it takes writes. Throws a StartupError when the folder is in use or can't be
   * written, no mongod is found, or it does not start.
   */
  async start(): Promise<string> {
    try {
      await this.data.prepare();
      return await this.startOnData();
    } catch (error) {
      throw this.data.explainFileError(error);
    }
  }

  private async startOnData(): Promise<string> {
    const last = await this.data.readAddress();
    if (last && (await this.findRunning())) throw this.data.inUse(` (process ${last.ownerPid})`);
    // Data goes on being opened by the program that wrote it, unless its user names another one: MongoDB opens no data
    // of two major versions before.
    const isNamed = Boolean(this.environment['MONGOMS_SYSTEM_BINARY']);
    const isKnown = last !== undefined && !isNamed && existsSync(last.binary);
    const binary = isKnown ? last.binary : await findMongod(this.environment, this.report);
    const port = await freePort(last?.port);
    const isMoving = port !== last?.port && existsSync(resolve(this.data.dbPath, 'WiredTiger'));
    const pid = await this.whenDataIsFree(async () => {
      if (isMoving) await this.move(binary, port);
      return this.launch(binary, port);
    });
    const uri = `mongodb://${LOOPBACK}:${port}/ticket-booking?replicaSet=${REPLICA_SET}`;
    await this.data.writeAddress({ uri, port, pid, ownerPid: process.pid, binary });
    return uri;
  }

  /** Stops mongod, if it runs, and waits until it has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.end(this.mongod);
  }

  private async end(mongod: ChildProcess | undefined): Promise<void> {
    if (!mongod || hasEnded(mongod)) return;
    const ended = new Promise((done) => mongod.once('exit', done));
    mongod.kill('SIGTERM');
    const timer = setTimeout(() => mongod.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  /** The mongod of a server that was killed needs a moment to end; its lock on the data decides. */
  private async whenDataIsFree(launch: () => Promise<number>): Promise<number> {
    const deadline = Date.now() + ORPHAN_TIMEOUT_MS;
    for (;;) {
      try {
        return await launch();
      } catch (error) {
        if (!(error instanceof DataInUse) || Date.now() > deadline || (await this.findRunning())) throw error;
        await sleep(POLL_MS);
      }
    }
  }

  /** Starts mongod, and from then on again whenever it ends by itself: the driver finds it where it was. */
  private async launch(binary: string, port: number): Promise<number> {
    const mongod = this.spawn(binary, port, MEMBER_OPTIONS);
    await this.until(mongod, port, (client) => becomePrimary(client, `${LOOPBACK}:${port}`, REPLICA_SET));
    mongod.once('exit', (code, signal) => {
      if (this.stopping) return;
      void this.relaunch(binary, port, signal ?? `code ${code}`);
    });
    assert(mongod.pid !== undefined, 'a mongod that answers has a process');
    return mongod.pid;
  }

  private async relaunch(binary: string, port: number, how: string): Promise<void> {
    // If the whole process tree is being stopped, the server's own shutdown follows in a moment.
    await sleep(RESTART_DELAY_MS);
    // The next mongod overwrites its log.
    let why = await this.data.explainEnd();
    while (!this.stopping) {
      this.report(`The embedded MongoDB is started again, since it ended (${how}). ${why.message}`, 'error');
      try {
        const pid = await this.launch(binary, port);
        const last = await this.data.readAddress();
        if (last) await this.data.writeAddress({ ...last, pid });
        return;
      } catch (error) {
        why = this.data.explainFileError(error) as Error;
        await sleep(RESTART_DELAY_MS);
      }
    }
  }

  /** The set's configuration names its port. Where another program has taken that, it is changed offline. */
  private async move(binary: string, port: number): Promise<void> {
    const mongod = this.spawn(binary, port, STANDALONE_OPTIONS);
    await this.until(mongod, port, (client) => moveReplicaSet(client, `${LOOPBACK}:${port}`));
    await this.end(mongod);
  }

  private spawn(binary: string, port: number, options: readonly string[]): ChildProcess {
    if (this.stopping) throw new StoppedEarly();
    const log = openSync(this.data.logFile, 'w');
    // Detached, or Ctrl-C would reach it before the requests in flight are answered.
    const mongod = spawn(binary, ['--dbpath', this.data.dbPath, '--port', String(port), ...options], {
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    mongod.on('error', (error) => this.report(`${binary}: ${error.message}`, 'error'));
    const watcher = spawn('sh', ['-c', WATCHER, 'watcher', String(mongod.pid)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    mongod.once('exit', () => watcher.kill('SIGKILL'));
    this.mongod = mongod;
    return mongod;
  }

  private async until(mongod: ChildProcess, port: number, isReady: IsReady): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline && mongod.pid !== undefined && !hasEnded(mongod)) {
      if (await ask(`${LOOPBACK}:${port}`, isReady)) return;
      await sleep(POLL_MS);
    }
    mongod.kill('SIGKILL');
    throw await this.data.explainEnd();
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
