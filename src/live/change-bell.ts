import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { withTimeout } from '../common/concurrency/with-timeout.js';
import { EventChangesRepository } from '../events/index.js';
import { databaseUnavailable, type Moment } from '../platform/database/index.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { LiveMetrics } from './live.metrics.js';

export interface Ring {
  /** The event has changed. */
  changed(eventId: string): void;
  /** Any event may have changed. */
  missed(): void;
}

interface Watch {
  readonly end: AbortController;
  /** Resolves when the current change stream is open. Rejects if it can't be opened. */
  opened: Promise<void>;
}

const OPEN_TIMEOUT_MS = 3_000;
const REOPEN_MS = 250;

/** Rings when an event changes, on whichever server. It says neither how nor how often. */
@Injectable()
export class ChangeBell {
  private watch: Watch | undefined;
  private latest: Moment | undefined;

  constructor(
    private readonly changes: EventChangesRepository,
    private readonly clock: Clock,
    private readonly metrics: LiveMetrics,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** A state of this moment, or later, has everything that was rung for. Undefined before it was ever open. */
  get moment(): Moment | undefined {
    return this.latest;
  }

  /** Returns once every later change will ring, until it is closed. Throws what the database says, or `database_unavailable`. */
  open(ring: Ring): Promise<void> {
    this.watch ??= this.begin(ring);
    return withTimeout(this.clock, OPEN_TIMEOUT_MS, this.watch.opened, databaseUnavailable);
  }

  close(): void {
    this.watch?.end.abort();
    this.watch = undefined;
    this.metrics.showInterrupted(false);
  }

  private begin(ring: Ring): Watch {
    const watch: Watch = { end: new AbortController(), opened: Promise.resolve() };
    void this.keepOpen(watch, ring);
    return watch;
  }

  private async keepOpen(watch: Watch, ring: Ring): Promise<void> {
    const isOver = () => watch.end.signal.aborted;
    let hasFailed = false;
    while (!isOver()) {
      const error = await this.watchOnce(watch, ring, hasFailed);
      if (isOver()) return;
      this.metrics.countRestart();
      this.metrics.showInterrupted(true);
      if (!hasFailed) this.log.warn({ err: error }, 'the change stream of events has failed and is opened again');
      hasFailed = true;
      await this.clock.sleep(REOPEN_MS);
    }
  }

  /** Returns why the change stream has ended. */
  private async watchOnce(watch: Watch, ring: Ring, isAgain: boolean): Promise<unknown> {
    const { signal } = watch.end;
    let open = () => {};
    let fail: (error: unknown) => void = () => {};
    watch.opened = new Promise<void>((resolve, reject) => ([open, fail] = [resolve, reject]));
    watch.opened.catch(() => undefined);
    const opened = (since: Moment) => {
      if (signal.aborted) return;
      // What has rung after it rings again.
      this.latest = since;
      this.metrics.showInterrupted(false);
      if (isAgain) this.log.info('the change stream of events is open again');
      open();
      // What has changed while it was not open does not ring.
      if (isAgain) ring.missed();
    };
    const changed = (eventId: string, at: Moment) => {
      if (signal.aborted) return;
      if (this.latest && at.greaterThan(this.latest)) this.latest = at;
      ring.changed(eventId);
    };
    const error = await this.changes.follow({ opened, changed }, signal).then(
      () => databaseUnavailable(),
      (reason: unknown) => reason,
    );
    fail(error);
    return error;
  }
}
