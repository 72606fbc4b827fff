import { ApiProperty } from '@nestjs/swagger';
import type { EventActivity, Operations, ServerActivity } from '../operations.service.js';

class OutcomeCountView {
  /**
   * The kind of command.
   * @example "book"
   */
  command!: string;
  /**
   * `done`, `replayed`, or the code of the problem that the caller got.
   * @example "done"
   */
  code!: string;
  /** @example 42 */
  count!: number;
}

class LaneView {
  /**
   * Commands that wait for their transaction, now.
   * @example 3
   */
  waiting!: number;
  /**
   * How long the command that has waited longest has waited, in milliseconds.
   * @example 12
   */
  oldestWaitMs!: number;
}

class ActivityView {
  outcomes!: OutcomeCountView[];
  /**
   * The median time from a command's arrival to its answer, in milliseconds. Null while nothing was answered.
   * @example 18
   */
  @ApiProperty({ type: 'integer', nullable: true })
  p50Ms!: number | null;
  /**
   * The 99th percentile of that time, in milliseconds.
   * @example 95
   */
  @ApiProperty({ type: 'integer', nullable: true })
  p99Ms!: number | null;
  lane!: LaneView;
}

export class EventActivityView extends ActivityView {
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
}

export class ServerActivityView extends ActivityView {
  /**
   * Whose figures these are: a machine, and a process there.
   * @example "shop-1:4711"
   */
  name!: string;
  /** @example "2026-01-13T10:00:00.000Z" */
  startedAt!: Date;
  /** @example 12 */
  requestsInFlight!: number;
  /**
   * Whether the server refuses requests because its event loop is late.
   * @example false
   */
  overloaded!: boolean;
  /**
   * Requests refused by rate limits: 429.
   * @example 0
   */
  rateLimited!: number;
  /**
   * Requests refused before they were read, because the server had too much to do: 503.
   * @example 0
   */
  shed!: number;
  /** The 100 busiest events, the busiest first. */
  events!: EventActivityView[];
}

export class OperationsResponse {
  /** @example true */
  success!: boolean;
  /** @example "2026-01-13T10:30:00.000Z" */
  at!: Date;
  /**
   * All counts are of the last so many whole seconds.
   * @example 5
   */
  seconds!: number;
  /** The server that answers comes first, then those that share the events with it: other workers, or servers on the same Redis. */
  servers!: ServerActivityView[];
  /**
   * How many other servers have not answered within half a second.
   * @example 0
   */
  silentServers!: number;
}

export function toOperationsView({ at, seconds, servers, silentServers }: Operations): OperationsResponse {
  return { success: true, at, seconds, servers: servers.map(toServerView), silentServers };
}

function toServerView({ isOverloaded, events, ...server }: ServerActivity): ServerActivityView {
  return { ...withoutGaps(server), overloaded: isOverloaded, events: events.map(toEventView) };
}

function toEventView(event: EventActivity): EventActivityView {
  return withoutGaps(event);
}

function withoutGaps<Of extends Pick<EventActivity, 'outcomes' | 'p50Ms' | 'p99Ms'>>(activity: Of) {
  return {
    ...activity,
    outcomes: [...activity.outcomes],
    p50Ms: activity.p50Ms ?? null,
    p99Ms: activity.p99Ms ?? null,
  };
}
