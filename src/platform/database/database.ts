import { resolve } from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection, ConnectOptions } from 'mongoose';
import { Clock } from '../../common/clock.js';
import { withTimeout } from '../../common/concurrency/with-timeout.js';
import { LOG, type Log } from '../logging/index.js';
import { DatabaseMetrics } from './database.metrics.js';
import { databaseUnavailable } from './database.problems.js';
import { refuseBadUri } from './connection-string.js';
import { ClockSync } from './clock-sync.js';
import { DATABASE_OPTIONS, type DatabaseOptions } from './database-options.js';
import { checkDeployment } from './deployment.js';
import { unresolvedHosts } from './host-probe.js';
import { Heartbeat, serversCollection } from './heartbeat.js';
import { leasesCollection } from './lease.js';
import { nativeDb } from './native-db.js';
import { migrate, migrationsCollection, refuseLaterRelease } from './migrations.js';
import { checkSchema } from './schema/check-schema.js';
import type { CollectionSpec } from './schema/collection-spec.js';
import { makeSchema } from './schema/make-schema.js';
import { StartupError, StoppedEarly, toStartupError } from './startup-error.js';
import { Upgrade } from './upgrade.js';
import { whyUnreachable } from './why-unreachable.js';

/** The connection without a socket timeout, for work that takes long: migrations and recounts. */
export const PATIENT = 'patient';

const CONNECT_RETRY_MS = 250;
const PING_TIMEOUT_MS = 1_000;
const DEFAULT_NAME = 'ticket-booking';

/** The options that keep the promise. A URI that asks for a weaker write concern is refused; its other options are overruled. */
const SAFETY = {
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  retryWrites: true,
  serverSelectionTimeoutMS: 2_000,
  // How long a server that has once failed may be taken for dead although it lives: well below a booking's deadline.
  heartbeatFrequencyMS: 1_000,
  waitQueueTimeoutMS: 2_000,
} as const satisfies ConnectOptions;

/** Where the database is and whether it may be used: it connects, checks, migrates, and only then says it is ready. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private ready = false;
  private stopping = false;
  private connected: Promise<void> | undefined;
  private started: Promise<string> | undefined;
  private pinging: Promise<void> | undefined;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @InjectConnection(PATIENT) private readonly patient: Connection,
    @Inject(DATABASE_OPTIONS) private readonly options: DatabaseOptions,
    @Inject(LOG) private readonly log: Log,
    private readonly clock: Clock,
    private readonly metrics: DatabaseMetrics,
    private readonly heartbeat: Heartbeat,
    private readonly upgrade: Upgrade,
    private readonly clockSync: ClockSync,
  ) {}

  /**
   * Connects to MongoDB, starting the embedded one where no URI is configured, and checks it; writes nothing. Throws a
   * StartupError that says what its operator has to change, and StoppedEarly when the shutdown has begun.
   */
  connect(): Promise<void> {
    return (this.connected ??= this.unlessStopping(this.reach()));
  }

  /** Connects, and brings data and schema up to date. Returns where the data is. Throws as `connect` does. */
  start(): Promise<string> {
    return (this.started ??= this.unlessStopping(this.open()));
  }

  private get collections(): readonly CollectionSpec[] {
    return [...this.options.collections, migrationsCollection, serversCollection, leasesCollection];
  }

  private get knownMigrations(): readonly string[] {
    const { migrations, retiredMigrations, releases } = this.options;
    return [...migrations.map(({ id }) => id), ...retiredMigrations, ...releases.map(({ migration }) => migration)];
  }

  private async reach(): Promise<void> {
    const { mongoUri, embedded } = this.options;
    if (mongoUri) await refuseBadUri(mongoUri);
    await this.openConnections(mongoUri ?? (await embedded.start()));
    for (const warning of await checkDeployment(this.connection.getClient())) this.log.warn(warning);
    for (const host of mongoUri ? await unresolvedHosts(mongoUri) : []) {
      this.log.warn(`MONGO_URI names the host ${host}, which does not resolve; its other hosts are used.`);
    }
    await checkSchema(nativeDb(this.patient), this.collections);
    await refuseLaterRelease(nativeDb(this.patient), this.knownMigrations);
  }

  private async open(): Promise<string> {
    await this.connect();
    const { mongoUri, embedded, migrations, releases } = this.options;
    await this.upgrade.look();
    await migrate(nativeDb(this.patient), migrations, releases, this.log);
    await makeSchema(nativeDb(this.patient), this.collections, this.log);
    await this.heartbeat.start(async () => {
      await this.upgrade.check();
      await this.clockSync.measure();
    });
    this.ready = true;
    const name = nativeDb(this.connection).databaseName;
    const hosts = this.connection.getClient().options.hosts.map((host) => host.toString());
    return mongoUri ? `${hosts.join(', ')}, database ${name}` : `${resolve(embedded.dataFolder)} (embedded MongoDB)`;
  }

  /** What goes wrong because the connections are closed is no reason to complain. */
  private async unlessStopping<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw this.stopping ? new StoppedEarly() : toStartupError(error);
    }
  }

  /** Throws the 503 `database_unavailable` until the database is connected, checked and migrated. */
  assertReady(): void {
    if (!this.ready || this.stopping) throw databaseUnavailable();
  }

  /**
   * Returns when the primary answers: all who ask meanwhile share one ping, so that they take no connections from bookings.
   * Throws `database_unavailable` when it does not do so at once.
   */
  async ping(): Promise<void> {
    this.assertReady();
    await (this.pinging ??= this.askPrimary().finally(() => (this.pinging = undefined)));
  }

  private async askPrimary(): Promise<void> {
    const ping = nativeDb(this.connection).command({ ping: 1 });
    await withTimeout(this.clock, PING_TIMEOUT_MS, ping, databaseUnavailable);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.heartbeat.stop();
    await Promise.all([this.connection.close(), this.patient.close()]);
    await this.options.embedded.stop();
  }

  /** Waits for a database that is starting too, and throws a StartupError at once where waiting can't help. */
  private async openConnections(uri: string): Promise<void> {
    const startedAt = this.clock.monotonic();
    const options = connectionOptions(uri);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.connection.openUri(uri, { ...options, ...POOL });
        await this.patient.openUri(uri, { ...options, maxPoolSize: 5 });
        this.metrics.watchPool(this.connection.getClient());
        return;
      } catch (error) {
        if (this.stopping) throw error;
        const { text, patienceMs } = await whyUnreachable(uri, error);
        if (this.clock.monotonic() - startedAt >= patienceMs) throw new StartupError(text);
        if (attempt === 1) this.log.warn(`${text} Waiting for it, up to ${patienceMs / 1_000} s.`);
        await Promise.all([this.connection.close(), this.patient.close()]);
        await this.clock.sleep(CONNECT_RETRY_MS);
      }
    }
  }
}

/** The driver's own defaults fail a spike: no connection is kept, two are made at a time, and a wait has no end. */
const POOL = { minPoolSize: 10, maxPoolSize: 100, maxConnecting: 10, socketTimeoutMS: 10_000 } as const;

/** How every connection of ours is opened. */
export function connectionOptions(uri: string): ConnectOptions {
  return { ...SAFETY, ...(databaseName(uri) === '' && { dbName: DEFAULT_NAME }) };
}

/** The name in the URI's path; empty where there is none. */
function databaseName(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/[^/?]+\/?([^?]*)/.exec(uri)?.[1] ?? '';
}
