import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, type mongo, Types } from 'mongoose';
import { Clock } from '../../common/clock.js';
import { Repeated } from '../../common/concurrency/repeated.js';
import { DATABASE_OPTIONS, type DatabaseOptions, thisRelease } from './database-options.js';
import { nativeDb } from './native-db.js';
import type { CollectionSpec } from './schema/collection-spec.js';

const EVERY_MS = 5_000;

/** A server that uses the database. */
export interface ServerRecord {
  readonly _id: Types.ObjectId;
  readonly release: number;
  /** By the database's clock; absent when the server has ended. */
  readonly seenAt?: Date;
}

export const serversCollection: CollectionSpec = { name: 'servers', indexes: [] };

/** Tells the other servers on this database which release this one is, for as long as it runs. */
@Injectable()
export class Heartbeat {
  private readonly id = new Types.ObjectId();
  private beats: Repeated | undefined;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @Inject(DATABASE_OPTIONS) private readonly options: DatabaseOptions,
    private readonly clock: Clock,
  ) {}

  /** Returns when the others can know, and `also` has been done; that is repeated with every heartbeat. */
  async start(also: () => Promise<void>): Promise<void> {
    await this.beat();
    await also();
    this.beats = new Repeated(
      this.clock,
      () => EVERY_MS,
      // The database is away: the next time will do.
      () =>
        this.beat()
          .then(also)
          .catch(() => undefined),
    );
    this.beats.start();
  }

  async stop(): Promise<void> {
    if (!this.beats) return;
    this.beats.stop();
    // The others notice by themselves, later.
    await this.write({ $unset: { seenAt: 1 } }).catch(() => undefined);
  }

  private beat(): Promise<void> {
    return this.write({ $set: { release: thisRelease(this.options).number }, $currentDate: { seenAt: true } });
  }

  private async write(update: mongo.UpdateFilter<ServerRecord>): Promise<void> {
    const servers = nativeDb(this.connection).collection<ServerRecord>(serversCollection.name);
    await servers.updateOne({ _id: this.id }, update, { upsert: true });
  }
}
