import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DueTickets, type Event, eventNotFound, isDue } from '../events/index.js';
import { Shutdown, shuttingDown } from '../platform/http/index.js';
import { ChangeBell } from './change-bell.js';
import { Listener } from './listener.js';
import { LiveBoard } from './live-board.js';
import { LIVE_CONFIG, type LiveConfig } from './live.config.js';
import { LiveMetrics } from './live.metrics.js';
import { tooManyStreams } from './live.problems.js';
import { toMessage } from './message.js';

/** Lets clients follow how many tickets are available. */
@Injectable()
export class LiveService {
  private isClosing = false;

  constructor(
    private readonly board: LiveBoard,
    private readonly bell: ChangeBell,
    private readonly dueTickets: DueTickets,
    private readonly clock: Clock,
    private readonly metrics: LiveMetrics,
    shutdown: Shutdown,
    @Inject(LIVE_CONFIG) private readonly config: LiveConfig,
  ) {
    shutdown.beforeDrain(() => {
      this.isClosing = true;
      this.board.endAll();
    });
  }

  /**
   * Returns a listener that knows the state of each event and hears of every later one, until it is given to `leave`.
   * `seen` is the revision that the client has of the only event: it is not repeated.
   * Throws `event_not_found`, `too_many_streams`, `shutting_down`, and what the database says.
   */
  async follow(eventIds: readonly string[], seen?: number): Promise<Listener> {
    if (this.isClosing) throw shuttingDown();
    if (this.board.size >= this.config.maxStreams) throw tooManyStreams(this.config.maxStreams);
    const hooks = {
      late: (eventId: string) => this.board.changed(eventId),
      sent: (messages: number) => this.metrics.countMessages(messages),
    };
    const listener = new Listener(eventIds, this.clock, hooks, seen);
    // Before the first read, so that what changes meanwhile is not missed.
    this.board.join(listener);
    this.metrics.showStreams(this.board.size);
    try {
      await this.bell.open(this.board);
      const events = await this.board.read(eventIds);
      for (const eventId of eventIds) listener.offer(toMessage(existing(events, eventId)));
      this.startWhatIsDue(eventIds, events);
      return listener;
    } catch (error) {
      this.leave(listener);
      throw error;
    }
  }

  leave(listener: Listener): void {
    this.board.leave(listener);
    this.metrics.showStreams(this.board.size);
    if (this.board.size === 0) this.bell.close();
  }

  /** An overdue hold ends soon after, and that is a change. */
  private startWhatIsDue(eventIds: readonly string[], events: ReadonlyMap<string, Event>): void {
    const now = this.clock.now().getTime();
    this.dueTickets.start(eventIds.filter((eventId) => isDue(existing(events, eventId), now)));
  }
}

function existing(events: ReadonlyMap<string, Event>, eventId: string): Event {
  const event = events.get(eventId);
  if (!event) throw eventNotFound(eventId);
  return event;
}
