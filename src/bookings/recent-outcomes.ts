import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Latencies } from '../common/latencies.js';
import { Recent } from '../common/recent.js';

/** How many commands of a kind were answered with this code. */
export interface OutcomeCount {
  readonly command: string;
  readonly code: string;
  readonly count: number;
}

/** What waits for its transaction. */
export interface LaneState {
  readonly waiting: number;
  readonly oldestWaitMs: number;
}

/** What was answered in the last seconds, of one event or of all. */
export interface Answered {
  readonly outcomes: readonly OutcomeCount[];
  readonly latencies: Latencies;
}

interface WatchedLane {
  readonly length: number;
  readonly oldestMs: number;
  readonly eventIds: readonly string[];
  lengthOf(eventId: string): number;
  oldestMsOf(eventId: string): number;
}

/** The answers to the commands of an event. */
class Tally {
  readonly latencies = new Latencies();
  total = 0;
  /** By kind, then by code. */
  private readonly counts = new Map<string, Map<string, number>>();

  add(command: string, code: string, milliseconds: number): void {
    this.count(command, code, 1);
    this.latencies.add(milliseconds);
  }

  addAll(other: Tally): void {
    for (const { command, code, count } of other.outcomes) this.count(command, code, count);
    this.latencies.addAll(other.latencies);
  }

  get outcomes(): OutcomeCount[] {
    return [...this.counts].flatMap(([command, codes]) =>
      [...codes].map(([code, count]) => ({ command, code, count })),
    );
  }

  private count(command: string, code: string, count: number): void {
    this.total += count;
    let codes = this.counts.get(command);
    if (!codes) this.counts.set(command, (codes = new Map<string, number>()));
    codes.set(code, (codes.get(code) ?? 0) + count);
  }
}

/** What this process has answered in the last seconds, by event. It keeps no more than it has answered. */
@Injectable()
export class RecentOutcomes {
  private readonly recent: Recent<Map<string, Tally>>;
  private lane: WatchedLane | undefined;

  constructor(clock: Clock) {
    this.recent = new Recent(clock, () => new Map<string, Tally>());
  }

  watch(lane: WatchedLane): void {
    this.lane = lane;
  }

  add(eventId: string, command: string, code: string, milliseconds: number): void {
    const tallies = this.recent.current;
    let tally = tallies.get(eventId);
    if (!tally) tallies.set(eventId, (tally = new Tally()));
    tally.add(command, code, milliseconds);
  }

  /** Returns what was answered of all events, and of each of the `limit` busiest, or only of this one. */
  read(limit: number, eventId?: string): { all: Answered; events: ReadonlyMap<string, Answered> } {
    const all = new Tally();
    const tallies = new Map<string, Tally>();
    for (const id of this.lane?.eventIds ?? []) tallies.set(id, new Tally());
    for (const second of this.recent.whole()) {
      for (const [id, tally] of second) {
        all.addAll(tally);
        if (eventId !== undefined && id !== eventId) continue;
        let sum = tallies.get(id);
        if (!sum) tallies.set(id, (sum = new Tally()));
        sum.addAll(tally);
      }
    }
    const wanted = [...tallies].filter(([id]) => eventId === undefined || id === eventId);
    const busiest = wanted.sort(([, one], [, other]) => other.total - one.total).slice(0, limit);
    return { all, events: new Map(busiest) };
  }

  /** Returns what waits, of all events or of one. */
  laneOf(eventId?: string): LaneState {
    const { lane } = this;
    if (!lane) return { waiting: 0, oldestWaitMs: 0 };
    const [waiting, oldest] =
      eventId === undefined ? [lane.length, lane.oldestMs] : [lane.lengthOf(eventId), lane.oldestMsOf(eventId)];
    return { waiting, oldestWaitMs: Math.round(oldest) };
  }
}
