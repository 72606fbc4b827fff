import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { HasDisconnected } from '../common/trace.js';
import { outcomeUnknown } from '../platform/database/index.js';
import { Peers } from '../platform/peers/index.js';
import { Tracing } from '../platform/tracing/index.js';
import { BookingLane, type Commit } from './lane/booking-lane.js';
import { type Errand, type Owner, toOwner } from './lane/errand.js';
import { Errands } from './lane/errands.js';
import { RoutedLane } from './lane/routed-lane.js';
import type { Command, Outcome } from './decide/command.js';
import { CommandRegistry } from './command-registry.js';
import { BookingsMetrics } from './bookings.metrics.js';
import { traceErrands } from './traces/errand-traces.js';
import { LaneTraces } from './traces/lane-traces.js';

const LIMITS = {
  maxWaiting: 10_000,
  maxWaitingPerEvent: 2_000,
  maxBatch: 500,
  maxWaitMs: 4_000,
  deadlineMs: 5_000,
  maxUnderWay: 1,
};

/** The queue in front of the transaction. */
export interface Lane {
  submit(command: Command, hasDisconnected: HasDisconnected): Promise<Outcome>;
}

/**
 * Opens the lane in front of a transaction, with the limits of production, measures it and traces it. Commands of events that another
 * server owns go there, and what other servers send comes in.
 */
@Injectable()
export class LaneFactory {
  constructor(
    private readonly clock: Clock,
    private readonly metrics: BookingsMetrics,
    private readonly registry: CommandRegistry,
    private readonly peers: Peers,
    private readonly tracing: Tracing,
  ) {}

  open(commit: Commit<Command, Outcome>): Lane {
    const traces = new LaneTraces(this.tracing);
    const lane = new BookingLane<Command, Outcome>(this.clock, LIMITS, (commands, attempt) =>
      traces.ofAttempt(commands, attempt, () => this.metrics.measure(commands, () => commit(commands, attempt))),
    );
    this.metrics.watch(lane);
    const own = traces.around(lane);
    const owners = { ownerOf: (eventId: string) => this.ownerOf(eventId) };
    const routed = new RoutedLane(this.clock, LIMITS, own, owners, outcomeUnknown);
    const errands = new Errands(this.clock, own, this.registry.kinds);
    this.peers.answer((body) => errands.carryOut(body as Errand));
    return {
      submit: (command, hasDisconnected) => {
        const kind = this.registry.kinds.get(command.kind);
        const goesFirst = kind?.goesFirst?.(command) === true;
        const { trace } = hasDisconnected;
        const traced = trace ? { ...command, trace } : command;
        return this.metrics.count(command, kind, routed.submit(traced, hasDisconnected, { goesFirst }));
      },
    };
  }

  private ownerOf(eventId: string): Owner | undefined {
    const id = this.peers.ownerOf(eventId);
    if (id === undefined) return undefined;
    return traceErrands(
      toOwner(id, (...asked) => this.peers.request(...asked)),
      this.tracing,
    );
  }
}
