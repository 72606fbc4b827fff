import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Repeated } from '../common/concurrency/repeated.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { IntegrityMetrics } from './integrity.metrics.js';
import { IntegrityService } from './integrity.service.js';

const EVENTS_AT_A_TIME = 5;
const REST_MIN_MS = 10_000;
/** A hundredth of the time is spent on recounting, however large the events are. */
const REST_PER_WORK = 100;

/**
 * Recounts a few events at a time, newest first, for as long as the server runs: of a few thousand events, books that drift
 * are noticed within hours, not by a customer.
 */
@Injectable()
export class RecountLoop implements OnApplicationShutdown {
  private lastId: string | undefined;
  private readonly recounts: Repeated;
  private isStopped = false;

  constructor(
    private readonly integrity: IntegrityService,
    private readonly metrics: IntegrityMetrics,
    clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.recounts = new Repeated(
      clock,
      (tookMs) => Math.max(REST_MIN_MS, REST_PER_WORK * tookMs),
      () => this.recountSome().catch((err: unknown) => this.log.warn({ err }, 'recounting was interrupted')),
    );
  }

  /** Begins to recount. */
  start(): void {
    this.recounts.start();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    this.recounts.stop();
  }

  /** Recounts the next events, and says which of them do not balance. */
  async recountSome(): Promise<void> {
    const eventIds = await this.integrity.eventIdsBefore(this.lastId, EVENTS_AT_A_TIME);
    for (const eventId of eventIds) {
      if (!this.isStopped) await this.recount(eventId);
    }
    // After the oldest it begins again with the newest.
    this.lastId = eventIds.at(-1);
  }

  /** A failed recount must not stop the others. */
  private async recount(eventId: string): Promise<void> {
    try {
      const { differences } = await this.integrity.recount(eventId);
      this.metrics.recounted(eventId, differences.length === 0);
      if (differences.length > 0) this.log.error({ eventId, differences }, 'the books of an event do not balance');
    } catch (err) {
      this.metrics.failed();
      this.log.warn({ err, eventId }, 'an event can not be recounted');
    }
  }
}
