import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { jitteredRetryAfterSeconds, Problem } from '../../common/problem.js';
import { DATABASE_OPTIONS, type DatabaseOptions } from './database-options.js';
import { type ServerRecord, serversCollection } from './heartbeat.js';
import { migrationsCollection, type MigrationRecord, recordMigration } from './migrations.js';
import { nativeDb } from './native-db.js';

/** A server that has not been heard of for this long has ended. */
const SILENCE_MS = 30_000;

/** A server of the release before may still run: it would misread what this request would store. */
export function upgradeInProgress(): Problem {
  return new Problem({
    status: 503,
    code: 'upgrade_in_progress',
    title: 'Upgrade in progress',
    message: 'This is not possible yet: an upgrade is in progress, please try again later',
    detail: 'A server of an earlier release may still use the database. Nothing was changed.',
    retryAfterSeconds: jitteredRetryAfterSeconds(),
  });
}

/** Whether every server that uses the database is of this release: before that, nothing new may be stored. */
@Injectable()
export class Upgrade {
  private isDone = false;
  /** Whether the release before has left the database without a word of which servers run. */
  private wasSilent = false;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @Inject(DATABASE_OPTIONS) private readonly options: DatabaseOptions,
  ) {}

  /** Throws the 503 `upgrade_in_progress` until the upgrade is done. */
  assertDone(): void {
    if (!this.isDone) throw upgradeInProgress();
  }

  /** Looks at what the releases before have left. Has to come before this server writes anything. */
  async look(): Promise<void> {
    const isUsed = (await this.migrations.findOne({})) !== null;
    const { number } = this.options.release;
    this.wasSilent = isUsed && (await this.servers.findOne({ release: { $lt: number } })) === null;
  }

  /** Looks who runs. When nobody of an earlier release does, records that, so that none of them starts again. */
  async check(): Promise<void> {
    const { release, upgrade, mongoUri } = this.options;
    const isRecorded = (await this.migrations.findOne({ _id: release.migration })) !== null;
    // Nobody else uses the embedded MongoDB.
    const isSaid = upgrade === 'done' || mongoUri === undefined;
    if (!isRecorded && this.wasSilent && !isSaid) return;
    const since = { $subtract: ['$$NOW', SILENCE_MS] };
    const older = await this.servers.findOne({ release: { $lt: release.number }, $expr: { $gt: ['$seenAt', since] } });
    if (!older && !isRecorded) await recordMigration(nativeDb(this.connection), release.migration);
    this.isDone = older === null;
  }

  private get servers() {
    return nativeDb(this.connection).collection<ServerRecord>(serversCollection.name);
  }

  private get migrations() {
    return nativeDb(this.connection).collection<MigrationRecord>(migrationsCollection.name);
  }
}
