import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { BookingLane, type Commit } from './lane/booking-lane.js';
import type { Command, Outcome } from './decide/command.js';
import { CommandRegistry } from './command-registry.js';
import { BookingsMetrics } from './bookings.metrics.js';

const LIMITS = {
  maxWaiting: 10_000,
  maxWaitingPerEvent: 2_000,
  maxBatch: 500,
  maxWaitMs: 4_000,
  deadlineMs: 5_000,
};

/** The queue in front of the transaction. */
export interface Lane {
  submit(command: Command, hasDisconnected: () => boolean): Promise<Outcome>;
}

/** Opens the lane in front of a transaction, with the limits of production, and measures it. */
@Injectable()
export class LaneFactory {
  constructor(
    private readonly clock: Clock,
    private readonly metrics: BookingsMetrics,
    private readonly registry: CommandRegistry,
  ) {}

  open(commit: Commit<Command, Outcome>): Lane {
    const lane = new BookingLane<Command, Outcome>(this.clock, LIMITS, (commands, attempt) =>
      this.metrics.measure(commands, () => commit(commands, attempt)),
    );
    this.metrics.watch(lane);
    return {
      submit: (command, hasDisconnected) => {
        const kind = this.registry.kinds.get(command.kind);
        const goesFirst = kind?.goesFirst?.(command) === true;
        return this.metrics.count(command, kind, lane.submit(command, hasDisconnected, { goesFirst }));
      },
    };
  }
}
