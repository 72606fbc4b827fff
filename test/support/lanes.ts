import type { TestingModuleBuilder } from '@nestjs/testing';
import { BookingLane, type Commit, type LaneLimits } from '../../src/bookings/lane/booking-lane.js';
import { CommandRegistry } from '../../src/bookings/command-registry.js';
import { LaneFactory, type Lane } from '../../src/bookings/lane-factory.js';
import type { Command, Outcome } from '../../src/bookings/decide/command.js';
import { Clock } from '../../src/common/clock.js';
import { Problem } from '../../src/common/problem.js';
import { Alone } from '../../src/platform/peers/index.js';
import { NoTracing } from '../../src/platform/tracing/index.js';
import { LoadGate } from '../../src/platform/overload/load-gate.js';
import type { RunningApp } from './start-app.js';
import { unmeasuredBookings } from './unmeasured.js';
import { until } from './until.js';

type Around = (commit: Commit<Command, Outcome>) => Commit<Command, Outcome>;
type Override = (builder: TestingModuleBuilder) => TestingModuleBuilder;

/** Who waits in a lane that is held is no crowd that the process can't keep up with. */
const NO_LIMITS = {
  maxInFlight: Infinity,
  maxInFlightOverloaded: Infinity,
  maxDelayMs: Infinity,
  crowdDelayMs: Infinity,
  crowd: Infinity,
  windowMs: 1_000,
};

function withLanes(make: (clock: Clock, registry: CommandRegistry) => LaneFactory): Override {
  return (builder) =>
    builder
      .overrideProvider(LaneFactory)
      .useFactory({ inject: [Clock, CommandRegistry], factory: make })
      .overrideProvider(LoadGate)
      .useFactory({ inject: [Clock], factory: (clock: Clock) => new LoadGate(clock, NO_LIMITS) });
}

/** For the lane, time passes so many times more slowly: what it does is no question of how fast a machine is. */
const SLOWNESS = 15;

class SlowClock extends Clock {
  constructor(private readonly real: Clock) {
    super();
  }

  now(): Date {
    return this.real.now();
  }

  monotonic(): number {
    return this.real.monotonic() / SLOWNESS;
  }

  after(milliseconds: number, then: () => void): () => void {
    return this.real.after(milliseconds * SLOWNESS, then);
  }

  follow(): void {}

  override sleep(milliseconds: number): Promise<void> {
    return this.real.sleep(milliseconds);
  }
}

/** The product's lane, which a test can hold, so that what it sends meanwhile becomes one batch. */
export class HeldLaneFactory extends LaneFactory {
  private arrived = 0;
  private held = Promise.resolve();
  private letGo: () => void = () => undefined;

  constructor(
    clock: Clock,
    registry: CommandRegistry,
    private readonly around: Around = (commit) => commit,
  ) {
    super(new SlowClock(clock), unmeasuredBookings(), registry, new Alone(), new NoTracing());
  }

  static of({ app }: RunningApp): HeldLaneFactory {
    return app.get<HeldLaneFactory>(LaneFactory);
  }

  override open(commit: Commit<Command, Outcome>): Lane {
    const wrapped = this.around(commit);
    const lane = this.openLane(async (commands, attempt) => {
      await this.held;
      return wrapped(commands, { ...attempt, deadline: attempt.deadline * SLOWNESS });
    });
    return {
      submit: (command, hasDisconnected) => {
        const outcome = lane.submit(command, hasDisconnected);
        this.arrived += 1;
        return outcome;
      },
    };
  }

  /** From now on, commits wait for `release`. */
  hold(): void {
    this.arrived = 0;
    this.held = new Promise((done) => (this.letGo = done));
  }

  release(): void {
    this.letGo();
  }

  /** Returns once so many commands have come since `hold`. */
  untilArrived(count: number): Promise<void> {
    return until(`${count} commands have come`, () => this.arrived >= count);
  }

  protected openLane(commit: Commit<Command, Outcome>): Lane {
    return super.open(commit);
  }
}

/** Holds the lane with a booking of another event under way: what comes now is one batch. */
export async function occupy(running: RunningApp): Promise<HeldLaneFactory> {
  const elsewhere = await running.api.createEvent({ totalTickets: 1 });
  const lane = HeldLaneFactory.of(running);
  lane.hold();
  void running.api.bookUntilAnswered(elsewhere._id);
  await lane.untilArrived(1);
  return lane;
}

/** The product with a lane that can be held; `around` changes what a commit does. */
export function withHeldLanes(around?: Around): Override {
  return withLanes((clock, registry) => new HeldLaneFactory(clock, registry, around));
}

/** The product with a transaction for each command. */
export const withoutBatches = withHeldLanes((commit) => async (commands, attempt) => {
  const outcomes: (Outcome | Problem | undefined)[] = [];
  for (const command of commands) {
    const attempted = await commit([command], attempt);
    // Those before it have been committed: they are looked for when all of them are tried again.
    if (attempted.kind === 'failed') return { ...attempted, commitSent: true };
    outcomes.push(...attempted.result);
  }
  return { kind: 'committed', result: outcomes };
});

/** The product with batches that the last comer is first in. */
export const withoutOrder = withHeldLanes((commit) => async (commands, attempt) => {
  const attempted = await commit(commands.toReversed(), attempt);
  return attempted.kind === 'failed' ? attempted : { kind: 'committed', result: attempted.result.toReversed() };
});

/** The product with batches that fail as one. */
export const withoutMercy = withHeldLanes((commit) => async (commands, attempt) => {
  try {
    return await commit(commands, attempt);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem({ status: 503, code: 'database_unavailable', title: 'Failed', message: 'Failed together' });
  }
});

class OtherwiseBounded extends HeldLaneFactory {
  constructor(
    private readonly time: Clock,
    registry: CommandRegistry,
    private readonly bounds: Pick<LaneLimits, 'maxWaiting' | 'maxWaitingPerEvent'>,
  ) {
    super(time, registry);
  }

  protected override openLane(commit: Commit<Command, Outcome>): Lane {
    const limits = { ...this.bounds, maxBatch: 500, maxWaitMs: 4_000, deadlineMs: 5_000, maxUnderWay: 1 };
    return new BookingLane(new SlowClock(this.time), limits, commit);
  }
}

/** The product with a queue that takes everybody. */
export const withoutBounds = withLanes(
  (clock, registry) => new OtherwiseBounded(clock, registry, { maxWaiting: Infinity, maxWaitingPerEvent: Infinity }),
);

/** The product with one bounded queue for all events. */
export const withoutSharing = withLanes(
  (clock, registry) => new OtherwiseBounded(clock, registry, { maxWaiting: 2_000, maxWaitingPerEvent: 2_000 }),
);

class Deaf extends HeldLaneFactory {
  override open(commit: Commit<Command, Outcome>): Lane {
    const lane = super.open(commit);
    return { submit: (command) => lane.submit(command, () => false) };
  }
}

/** The product that does not notice when a client hangs up. */
export const withoutHangUps = withLanes((clock, registry) => new Deaf(clock, registry));
