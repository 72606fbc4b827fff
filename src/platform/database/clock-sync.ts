import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { Clock } from '../../common/clock.js';
import { LOG, type Log } from '../logging/index.js';
import { DatabaseMetrics } from './database.metrics.js';
import { nativeDb } from './native-db.js';

/** A clock drifts by less than this share of the time: a measurement becomes worse as it becomes older. */
const DRIFT = 1 / 2_000;
const WRONG_BY_MS = 1_000;

/** Makes this server's time of day that of the primary, so that all servers agree whatever their own clocks say. */
@Injectable()
export class ClockSync {
  private uncertaintyMs = Infinity;
  private measuredAt = 0;
  private primary: unknown;
  private hasWarned = false;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @Inject(LOG) private readonly log: Log,
    private readonly clock: Clock,
    private readonly metrics: DatabaseMetrics,
  ) {}

  /** Asks the primary for its time. An answer that took longer than is useful changes nothing, unless it is the first of a primary. */
  async measure(): Promise<void> {
    const askedAt = this.clock.monotonic();
    const { localTime, me } = await nativeDb(this.connection).command({ hello: 1 });
    const answeredAt = this.clock.monotonic();
    // It was read at some moment in between.
    const uncertaintyMs = (answeredAt - askedAt) / 2;
    const isWorse = uncertaintyMs > this.uncertaintyMs + (answeredAt - this.measuredAt) * DRIFT;
    if (isWorse && me === this.primary) return;
    this.primary = me;
    this.uncertaintyMs = uncertaintyMs;
    this.measuredAt = answeredAt;
    this.clock.follow((localTime as Date).getTime(), askedAt + uncertaintyMs);
    const offsetMs = Date.now() - this.clock.now().getTime();
    this.metrics.clockIsOff(offsetMs);
    if (Math.abs(offsetMs) > WRONG_BY_MS && !this.hasWarned) {
      this.log.warn(`The clock of this machine is off by ${Math.round(offsetMs)} ms: the database's is used.`);
    }
    this.hasWarned = Math.abs(offsetMs) > WRONG_BY_MS;
  }
}
