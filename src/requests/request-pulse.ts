import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Repeated } from '../common/concurrency/repeated.js';
import { BookingsService } from '../bookings/index.js';
import { TicketInventoryRepository } from '../events/index.js';
import { Lease } from '../platform/database/index.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { KEPT_MS, type QueuedRequest } from './request.js';
import { RequestWorker } from './request-worker.js';
import { RequestsMetrics } from './requests.metrics.js';
import type { RetryRequestCommand } from './decide/fail-request.js';
import { FailedRequests } from './store/failed-requests.js';
import { RequestsRepository } from './store/requests.repository.js';

const EVERY_MS = 1_000;
const LEASE_MS = 5_000;
const EVENTS_AT_A_TIME = 50;
const DELETED_AT_A_TIME = 1_000;
const RETRIED_AT_A_TIME = 100;

/** Finds requests of which nobody was told, on one server at a time, and deletes old ones. */
@Injectable()
export class RequestPulse implements OnApplicationShutdown {
  private readonly beats: Repeated;
  /** The ids of the first requests of the queues at the last beat. */
  private seen: ReadonlySet<string> = new Set();
  private seenBefore: ReadonlySet<string> = new Set();
  /** In turns, so that of many queues none is always left out. */
  private isLongestFirst = false;

  constructor(
    private readonly worker: RequestWorker,
    private readonly requests: RequestsRepository,
    private readonly failed: FailedRequests,
    private readonly engine: BookingsService,
    private readonly inventory: TicketInventoryRepository,
    private readonly lease: Lease,
    private readonly metrics: RequestsMetrics,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.beats = new Repeated(
      clock,
      () => EVERY_MS,
      () => this.beat().catch((err: unknown) => log.warn({ err }, 'looking for requests was interrupted')),
    );
  }

  start(): void {
    this.beats.start();
  }

  onApplicationShutdown(): void {
    this.beats.stop();
  }

  /** Puts failed requests into their queues again that somebody wants to be tried again. */
  private async retry(): Promise<void> {
    for (const { id, eventId } of await this.failed.listToRetry(RETRIED_AT_A_TIME)) {
      const command: RetryRequestCommand = { kind: 'retryRequest', eventId, requestId: id };
      await this.engine
        .submit(command, () => false)
        .then(() => void this.worker.empty(eventId))
        .catch((err: unknown) => this.log.warn({ err, requestId: id }, 'a request can not be tried again'));
    }
  }

  /** Decides what waits at events where nothing was decided since the last beat: no server came that was called. */
  private takeOver(firsts: readonly QueuedRequest[]): void {
    for (const { id, eventId } of firsts) if (this.seen.has(id)) void this.worker.empty(eventId);
    this.seen = new Set([...firsts.map(({ id }) => id), ...this.seenBefore]);
    this.seenBefore = new Set(firsts.map(({ id }) => id));
  }

  /** Takes over what nobody decides, and deletes what is old. Does nothing on a server that has not the lease. */
  async beat(): Promise<void> {
    if (!(await this.lease.take('request-pulse', LEASE_MS))) {
      this.metrics.show({ queued: 0, oldestMs: 0, failed: 0 });
      return;
    }
    this.isLongestFirst = !this.isLongestFirst;
    const eventIds = await this.inventory.findQueued(EVENTS_AT_A_TIME, this.isLongestFirst);
    const firsts = await Promise.all(eventIds.map((eventId) => this.requests.findFirst(eventId)));
    this.takeOver(firsts.flatMap((first) => first ?? []));
    const now = this.clock.now().getTime();
    const oldest = Math.min(now, ...firsts.flatMap((first) => first?.requestedAt ?? []));
    const [queued, failed] = [await this.inventory.countQueued(), await this.failed.count()];
    this.metrics.show({ queued, oldestMs: now - oldest, failed });
    await this.requests.deleteEnded(new Date(now - KEPT_MS), DELETED_AT_A_TIME);
    await this.retry();
  }
}
