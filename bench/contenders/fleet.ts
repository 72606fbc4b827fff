import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/support/free-port.js';
import { createKey } from '../support/keys.js';
import type { Mongo } from '../support/mongo.js';
import type { Postgres } from '../support/postgres.js';
import { launch, ROOT, temporaryFolder, untilReady } from '../support/processes.js';
import type { Scope } from '../support/scope.js';
import type { Contender } from './contender.js';

/** In the order in which they take turns. */
export type ContenderName = 'product' | 'no-op' | 'bare' | 'seed' | 'textbook' | 'postgres' | 'postgres-same';

export interface Databases {
  readonly mongo: Mongo;
  /** Undefined where PostgreSQL is not installed. */
  readonly postgres: Postgres | undefined;
}

/** A product that is not quite as it comes. */
export interface Variant {
  readonly label: string;
  /** Its callers need an API key, and have one. */
  readonly isKeyed: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** A module of the benchmark's own that is loaded before it. */
  readonly preload?: string;
  /** The folder of another build. */
  readonly root?: string;
}

/** Starts contenders, each on an empty database. They run until the fleet is dismissed. */
export class Fleet {
  private scope: Scope;
  private readonly running = new Map<string, Promise<Contender>>();

  /** With `isLasting`, a contender is started once and goes on from case to case. */
  constructor(
    private readonly outer: Scope,
    private readonly databases: Databases,
    private readonly isLasting: boolean,
  ) {
    this.scope = outer.inner();
  }

  /** Those of `names` that can run here, in this order. */
  get(names: readonly ContenderName[]): Promise<Contender[]> {
    const possible = names.filter((name) => !isOnPostgres(name) || this.databases.postgres);
    return Promise.all(possible.map((name) => this.once(name, () => this.start(name, 1))));
  }

  /** So many processes of the product on one database. */
  getProcesses(count: number): Promise<Contender> {
    return this.once(`product ×${count}`, () => this.start('product', count));
  }

  /** So many processes of the product on one database, which meet at a Redis. */
  getServers(count: number, redisUrl: string): Promise<Contender> {
    const label = `product ×${count}, Redis`;
    return this.once(label, () =>
      this.start('product', count, { label, isKeyed: false, environment: { REDIS_URL: redisUrl } }),
    );
  }

  getVariant(variant: Variant): Promise<Contender> {
    return this.once(variant.label, () => this.start('product', 1, variant));
  }

  async dismiss(): Promise<void> {
    if (this.isLasting) return;
    this.running.clear();
    await this.scope.close();
    this.scope = this.outer.inner();
  }

  private once(key: string, start: () => Promise<Contender>): Promise<Contender> {
    const contender = this.running.get(key) ?? start();
    this.running.set(key, contender);
    return contender;
  }

  private async start(name: ContenderName, count: number, variant?: Variant): Promise<Contender> {
    const { mongo, postgres } = this.databases;
    const database = mongo.freshDatabase(name);
    const pgUrl = isOnPostgres(name) ? await postgres?.freshUrl() : undefined;
    const environment = {
      MONGO_URI: database.uri,
      ...(pgUrl !== undefined && { PG_URL: pgUrl }),
      ...variant?.environment,
    };
    const key = variant?.isKeyed ? createKey(database.uri) : undefined;
    const program = name === 'product' ? programOf(variant) : baseline(name);
    const processes = await Promise.all(Array.from({ length: count }, () => this.launch(name, program, environment)));
    return {
      name: variant?.label ?? (count === 1 ? name : `${name} ×${count}`),
      urls: processes.map(({ url }) => url),
      pids: processes.map(({ pid }) => pid),
      database: database.name,
      uri: database.uri,
      countRows: pgUrl === undefined ? this.countInMongo(name, database.name) : this.countInPostgres(pgUrl),
      isProduct: name === 'product',
      key,
    };
  }

  private async launch(name: ContenderName, program: string[], environment: Record<string, string>) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const launched = launch(this.scope, process.execPath, program, {
      cwd: temporaryFolder(this.scope),
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        ...environment,
      },
    });
    await untilReady(name, launched, async () => (await fetch(`${url}/health/ready`)).ok);
    return { url, pid: launched.pid };
  }

  private countInMongo(name: ContenderName, database: string): Contender['countRows'] {
    if (name === 'no-op' || name === 'bare') return undefined;
    const bookings = this.databases.mongo.client.db(database).collection('bookings');
    return () => bookings.estimatedDocumentCount();
  }

  private countInPostgres(url: string): () => Promise<number> {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    this.scope.defer(() => pool.end());
    return async () => {
      const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM bookings');
      return Number(rows[0]?.count);
    };
  }
}

function programOf(variant: Variant | undefined): string[] {
  const preload = variant?.preload === undefined ? [] : ['--import', import.meta.resolve(variant.preload)];
  return [...preload, join(variant?.root ?? ROOT, 'dist/main.js')];
}

function baseline(name: ContenderName): string[] {
  return ['--import', import.meta.resolve('tsx'), join(ROOT, `bench/baselines/${name}.ts`)];
}

function isOnPostgres(name: ContenderName): boolean {
  return name === 'postgres' || name === 'postgres-same';
}
