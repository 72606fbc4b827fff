import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BookingsService } from '../bookings/index.js';
import { Clock } from '../common/clock.js';
import { Problem } from '../common/problem.js';
import { eventNotFound } from '../events/index.js';
import { LOG, type Log } from '../platform/logging/index.js';
import { Bell, type Call } from './bell/bell.js';
import type { DecidedRequests, DecideRequestsCommand } from './decide/decide-requests.js';
import type { FailRequestCommand } from './decide/fail-request.js';
import { RequestsRepository } from './store/requests.repository.js';

/** How many requests of all events a server decides in one transaction: others wait for it. */
const AT_A_TIME = 200;
/** How often a request is tried by itself until it has failed. */
const TRIES_MAX = 5;
const PAUSE_MS = 50;
const PAUSE_MAX_MS = 2_000;

/** Decides what waits in queues, with the engine, one event's requests after the other. */
@Injectable()
export class RequestWorker implements OnApplicationShutdown {
  /** What is under way, by event: everybody waits for the same. */
  private readonly underWay = new Map<string, Promise<void>>();
  /** The events with a call that waits until what is under way there has ended. */
  private readonly answering = new Set<string>();
  private isStopped = false;

  constructor(
    private readonly engine: BookingsService,
    private readonly requests: RequestsRepository,
    private readonly bell: Bell,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Answers calls from now on. */
  start(): Promise<void> {
    return this.bell.answer((call) => this.answer(call));
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await this.bell.stop();
    await Promise.all(this.underWay.values());
  }

  /** Returns when nothing waits in the queue of the event, or this server ends. */
  empty(eventId: string): Promise<void> {
    const known = this.underWay.get(eventId);
    if (known) return known;
    const emptied = this.decideAll(eventId).finally(() => this.underWay.delete(eventId));
    this.underWay.set(eventId, emptied);
    return emptied;
  }

  /** A call that comes while the last requests are decided may be about one that was not seen there: one such call stands for all. */
  private async answer({ eventId }: Call): Promise<void> {
    if (this.answering.has(eventId)) return;
    const isFirst = !this.underWay.has(eventId);
    if (!isFirst) this.answering.add(eventId);
    await this.underWay.get(eventId);
    this.answering.delete(eventId);
    await this.empty(eventId);
    if (this.isStopped) throw new Error('this server ends');
  }

  private async decideAll(eventId: string): Promise<void> {
    let [limit, pauses, isLast] = [AT_A_TIME, 0, false];
    /** How often a request was tried by itself, by id. */
    const tries = new Map<string, number>();
    while (!isLast && !this.isStopped) {
      const most = Math.max(1, Math.floor(AT_A_TIME / this.underWay.size));
      try {
        const { decided, waiting } = await this.decideSome(eventId, Math.min(limit, most));
        isLast = waiting === 0;
        limit = Math.min(AT_A_TIME, limit * 2);
        pauses = decided > 0 || isLast ? 0 : pauses + 1;
      } catch (error) {
        if (error instanceof Problem) {
          if (error.code === eventNotFound(eventId).code) return;
          pauses += 1;
        } else if (limit > 1) {
          // One of them can't be carried out: the others do not wait for it longer than they have to.
          limit = Math.ceil(limit / 2);
        } else {
          pauses += 1;
          await this.failFirst(eventId, error, tries).catch(() => undefined);
        }
      }
      if (pauses > 0) await this.pause(pauses);
    }
  }

  private async decideSome(eventId: string, limit: number): Promise<DecidedRequests> {
    const command: DecideRequestsCommand = { kind: 'decideRequests', eventId, limit };
    return (await this.engine.submit<DecidedRequests>(command, () => this.isStopped)).result;
  }

  /** Takes the first request out of the queue once it was tried often enough. */
  private async failFirst(eventId: string, error: unknown, triesOf: Map<string, number>): Promise<void> {
    const request = await this.requests.findFirst(eventId);
    if (!request) return;
    const tries = (triesOf.get(request.id) ?? 0) + 1;
    triesOf.set(request.id, tries);
    if (tries < TRIES_MAX) return;
    this.log.error({ err: error, eventId, requestId: request.id }, 'a request can not be carried out');
    const failure = error instanceof Error ? error.message : String(error);
    const command: FailRequestCommand = { kind: 'failRequest', eventId, requestId: request.id, failure };
    await this.engine.submit(command, () => false);
  }

  private pause(number: number): Promise<void> {
    return this.clock.sleep(Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** Math.min(number - 1, 10)));
  }
}
