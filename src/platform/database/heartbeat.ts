import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, type mongo, Types } from 'mongoose';
import { Clock } from '../../common/clock.js';
import { nativeDb } from './native-db.js';
import type { CollectionSpec } from './schema/collection-spec.js';

/** Rises with every release that stores what servers of the release before would misread. */
const RELEASE = 1;
const EVERY_MS = 5_000;

/** A server that uses the database. */
interface ServerRecord {
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
  private stopTimer: (() => void) | undefined;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly clock: Clock,
  ) {}

  /** Returns when the others can know. */
  async start(): Promise<void> {
    await this.beat();
    this.repeat();
  }

  async stop(): Promise<void> {
    if (!this.stopTimer) return;
    this.stopTimer();
    // The others notice by themselves, later.
    await this.write({ $unset: { seenAt: 1 } }).catch(() => undefined);
  }

  private repeat(): void {
    this.stopTimer = this.clock.after(EVERY_MS, () => {
      void this.beat()
        .catch(() => undefined)
        .finally(() => this.stopTimer && this.repeat());
    });
  }

  private beat(): Promise<void> {
    return this.write({ $set: { release: RELEASE }, $currentDate: { seenAt: true } });
  }

  private async write(update: mongo.UpdateFilter<ServerRecord>): Promise<void> {
    const servers = nativeDb(this.connection).collection<ServerRecord>(serversCollection.name);
    await servers.updateOne({ _id: this.id }, update, { upsert: true });
  }
}
