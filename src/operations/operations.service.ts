import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { type Answered, type LaneState, type OutcomeCount, RecentOutcomes } from '../bookings/index.js';
import { Clock } from '../common/clock.js';
import { RECENT_SECONDS } from '../common/recent.js';
import { Overload } from '../platform/overload/index.js';
import { Peers } from '../platform/peers/index.js';
import { RateLimitMetrics } from '../platform/rate-limit/index.js';

const EVENTS_MAX = 100;
/** How long the other servers have to answer: a picture without one of them is better than none. */
const PATIENCE_MS = 500;
/** By how much their clocks may differ. */
const SKEW_MS = 2_000;
const TOPIC = 'operations';

/** What was answered in the last seconds. The latencies are undefined where nothing was. */
interface Activity {
  readonly outcomes: readonly OutcomeCount[];
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly lane: LaneState;
}

export interface EventActivity extends Activity {
  readonly eventId: string;
}

/** What one server did in the last seconds, and what waits there now. */
export interface ServerActivity extends Activity {
  /** Its machine, and its process there. */
  readonly name: string;
  readonly startedAt: Date;
  readonly requestsInFlight: number;
  readonly isOverloaded: boolean;
  /** Requests that were refused by rate limits, and because the server was overloaded. */
  readonly rateLimited: number;
  readonly shed: number;
  /** The busiest first. */
  readonly events: readonly EventActivity[];
}

export interface Operations {
  readonly at: Date;
  readonly seconds: number;
  /** The server that was asked comes first. */
  readonly servers: readonly ServerActivity[];
  /** How many other servers have not answered in time. */
  readonly silentServers: number;
}

interface Question {
  readonly topic: typeof TOPIC;
  /** Only this event. */
  readonly eventId: string | undefined;
  /** For servers that know errands only. */
  readonly commands: readonly never[];
}

/** What the servers do at the moment, from their memory: the database is not asked. */
@Injectable()
export class OperationsService {
  private readonly name = `${hostname()}:${process.pid}`;
  private readonly startedAt: Date;

  constructor(
    private readonly outcomes: RecentOutcomes,
    private readonly overload: Overload,
    private readonly limits: RateLimitMetrics,
    private readonly peers: Peers,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
    this.peers.answer((body) => Promise.resolve(this.readOwn((body as Question).eventId)), TOPIC);
  }

  /** Returns what this server does, and those that share the events with it; of all events, or of this one. */
  async read(eventId: string | undefined): Promise<Operations> {
    const asked = this.peers.others.map((id) => this.ask(id, eventId));
    const own = this.readOwn(eventId);
    const others = (await Promise.all(asked)).filter((answer) => answer !== undefined);
    return {
      at: this.clock.now(),
      seconds: RECENT_SECONDS,
      servers: [own, ...others],
      silentServers: asked.length - others.length,
    };
  }

  private readOwn(eventId: string | undefined): ServerActivity {
    const { all, events } = this.outcomes.read(EVENTS_MAX, eventId);
    const { inFlight, isOverloaded, recentlyShed } = this.overload.state;
    return {
      name: this.name,
      startedAt: this.startedAt,
      requestsInFlight: inFlight,
      isOverloaded,
      rateLimited: this.limits.recentlyLimited,
      shed: recentlyShed,
      ...toActivity(all, this.outcomes.laneOf()),
      events: [...events].map(([id, answered]) => ({ eventId: id, ...toActivity(answered, this.outcomes.laneOf(id)) })),
    };
  }

  private async ask(id: string, eventId: string | undefined): Promise<ServerActivity | undefined> {
    const question: Question = { topic: TOPIC, eventId, commands: [] };
    const expiresAt = this.clock.now().getTime() + PATIENCE_MS + SKEW_MS;
    const answer = await this.peers.request(id, question, expiresAt, PATIENCE_MS);
    // A server of an earlier release answers with a list of reports.
    if (typeof answer === 'string' || answer.reply === null || Array.isArray(answer.reply)) return undefined;
    return answer.reply as ServerActivity;
  }
}

function toActivity({ outcomes, latencies }: Answered, lane: LaneState): Activity {
  return { outcomes, p50Ms: latencies.quantile(0.5), p99Ms: latencies.quantile(0.99), lane };
}
