import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { jitteredRetryAfterSeconds, Problem } from '../../common/problem.js';
import { DATABASE_OPTIONS, type DatabaseOptions, thisRelease } from './database-options.js';
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

/** Which servers use the database: before every one of them knows what is new in a release, nothing of that may be stored. */
@Injectable()
export class Upgrade {
  /** The oldest release of which a server runs; 0 while that is not known. */
  private oldest = 0;
  /** Whether a release without heartbeats has left the database: nobody knows which of its servers run. */
  private wasSilent = false;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @Inject(DATABASE_OPTIONS) private readonly options: DatabaseOptions,
  ) {}

  /** Throws the 503 `upgrade_in_progress` while a server may run of a release before this one. */
  assertDone(release: number): void {
    if (this.oldest < release) throw upgradeInProgress();
  }

  /** Looks at what the releases before have left. Has to come before this server writes anything. */
  async look(): Promise<void> {
    const { releases } = this.options;
    const isUsed = (await this.migrations.findOne({})) !== null;
    const hasHeartbeats = await this.migrations.findOne({ _id: { $in: releases.map(({ migration }) => migration) } });
    const { number } = thisRelease(this.options);
    const heard = hasHeartbeats ?? (await this.servers.findOne({ release: { $lt: number } }));
    this.wasSilent = isUsed && heard === null;
  }

  /** Looks who runs. When nobody of an earlier release does, records that, so that none of them starts again. */
  async check(): Promise<void> {
    const { upgrade, mongoUri } = this.options;
    const { number, migration } = thisRelease(this.options);
    const isRecorded = (await this.migrations.findOne({ _id: migration })) !== null;
    // Nobody else uses the embedded MongoDB.
    const isSaid = upgrade === 'done' || mongoUri === undefined;
    if (!isRecorded && this.wasSilent && !isSaid) return;
    const since = { $subtract: ['$$NOW', SILENCE_MS] };
    const older = await this.servers.findOne(
      { release: { $lt: number }, $expr: { $gt: ['$seenAt', since] } },
      { sort: { release: 1 } },
    );
    if (!older && !isRecorded) await recordMigration(nativeDb(this.connection), migration);
    this.oldest = older?.release ?? number;
  }

  private get servers() {
    return nativeDb(this.connection).collection<ServerRecord>(serversCollection.name);
  }

  private get migrations() {
    return nativeDb(this.connection).collection<MigrationRecord>(migrationsCollection.name);
  }
}
