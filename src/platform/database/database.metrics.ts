import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '../../common/clock.js';
import { withTimeout } from '../../common/concurrency/with-timeout.js';
import { databaseUnavailable } from './database.problems.js';
import { nativeDb } from './native-db.js';

/** How a commit that the database had not confirmed at once has ended. */
const ENDS = ['committed', 'aborted', 'unknown'] as const;
export type UnknownCommitEnd = (typeof ENDS)[number];

const HELLO_TIMEOUT_MS = 1_000;

interface Hello {
  readonly lastWrite?: { readonly lastWriteDate: Date; readonly majorityWriteDate: Date };
}

/** The database as this process sees it, for Prometheus. */
@Injectable()
export class DatabaseMetrics {
  private readonly unknownCommits: Counter<'ended'>;
  private readonly clockOffset: Gauge;
  private readonly pool = { inUse: 0, waiting: 0 };

  constructor(
    registry: Registry,
    @InjectConnection() private readonly connection: Connection,
    private readonly clock: Clock,
  ) {
    const registers = [registry];
    this.unknownCommits = new Counter({
      name: 'mongodb_unknown_commits_total',
      help: 'Commits that were not confirmed at once, by what became known of them: committed, aborted or unknown.',
      labelNames: ['ended'],
      registers,
    });
    // From the start: a rate can't be told of what appears with its first burst.
    for (const ended of ENDS) this.unknownCommits.inc({ ended }, 0);
    this.clockOffset = new Gauge({
      name: 'clock_offset_seconds',
      aggregator: 'first',
      help: "How far this machine's clock is ahead of the database's, which is used.",
      registers,
    });
    const { pool } = this;
    new Gauge({
      name: 'mongodb_pool_in_use',
      help: 'Connections of the pool that carry an operation.',
      registers,
      collect() {
        this.set(pool.inUse);
      },
    });
    new Gauge({
      name: 'mongodb_pool_waiting',
      help: 'Operations that wait for a connection.',
      registers,
      collect() {
        this.set(pool.waiting);
      },
    });
    const readLag = () => this.readMajorityLag();
    new Gauge({
      name: 'mongodb_up',
      aggregator: 'min',
      help: '1 where the primary answers within a second, else 0.',
      registers,
      async collect() {
        this.set((await readLag()) === undefined ? 0 : 1);
      },
    });
    new Gauge({
      name: 'mongodb_majority_lag_seconds',
      aggregator: 'max',
      help: 'How far the majority of the replica set is behind its primary, in whole seconds.',
      registers,
      async collect() {
        this.set((await readLag()) ?? Number.NaN);
      },
    });
  }

  /** Shows by how many milliseconds this machine's clock is ahead of the database's. */
  clockIsOff(offsetMs: number): void {
    this.clockOffset.set(offsetMs / 1_000);
  }

  /** Counts what the pool of a client carries that is not in use yet. */
  watchPool(client: mongo.MongoClient): void {
    const { pool } = this;
    client.on('connectionCheckOutStarted', () => (pool.waiting += 1));
    client.on('connectionCheckOutFailed', () => (pool.waiting -= 1));
    client.on('connectionCheckedOut', () => {
      pool.waiting -= 1;
      pool.inUse += 1;
    });
    client.on('connectionCheckedIn', () => (pool.inUse -= 1));
  }

  countUnknownCommit(ended: UnknownCommitEnd): void {
    this.unknownCommits.inc({ ended });
  }

  /** Undefined where the primary does not answer. */
  private async readMajorityLag(): Promise<number | undefined> {
    try {
      const hello = nativeDb(this.connection).command({ hello: 1 }) as Promise<Hello>;
      const { lastWrite } = await withTimeout(this.clock, HELLO_TIMEOUT_MS, hello, databaseUnavailable);
      return lastWrite && (lastWrite.lastWriteDate.getTime() - lastWrite.majorityWriteDate.getTime()) / 1_000;
    } catch {
      return undefined;
    }
  }
}
