import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Clock } from '../common/clock.js';
import type { Attempted } from '../common/transaction-attempt.js';
import { Problem } from '../common/problem.js';
import { toDatabaseProblem } from '../platform/database/index.js';
import { seriesOf } from '../platform/metrics/index.js';
import type { BookingLane } from './lane/booking-lane.js';
import type { Command, CommandKind, Outcome } from './decide/command.js';
import { RecentOutcomes } from './recent-outcomes.js';

type Waiting = Pick<BookingLane<Command, Outcome>, 'length' | 'oldestMs' | 'eventIds' | 'lengthOf' | 'oldestMsOf'>;

/** What the alerts look for. */
const FAILURES = ['overloaded', 'database_unavailable', 'database_misconfigured', 'outcome_unknown', 'internal_error'];

/** How a transaction may end. */
const RESULTS = ['committed', 'conflict', 'outdated', 'unavailable', 'error'];

/** How selling goes, for Prometheus. */
@Injectable()
export class BookingsMetrics {
  private readonly commandsOf;
  private readonly ticketsSold: Counter;
  private readonly ticketsReturned: Counter;
  private readonly attempts: Counter<'result'>;
  private readonly attemptSeconds: Histogram;
  private readonly batchSize: Histogram;

  constructor(
    private readonly registry: Registry,
    private readonly recent: RecentOutcomes,
    private readonly clock: Clock,
  ) {
    const registers = [registry];
    this.commandsOf = seriesOf(
      new Counter({
        name: 'booking_commands_total',
        help: 'Commands that were answered, by kind and by outcome: done, replayed, or the code of the problem.',
        labelNames: ['command', 'code'],
        registers,
      }),
    );
    // From the start: a rate can't be told of what appears with its first burst.
    for (const code of FAILURES) this.commandsOf('book', code).inc(0);
    this.ticketsSold = new Counter({ name: 'booking_tickets_sold_total', help: 'Tickets that were sold.', registers });
    this.ticketsReturned = new Counter({
      name: 'booking_tickets_returned_total',
      help: 'Tickets that cancellations have returned.',
      registers,
    });
    this.attempts = new Counter({
      name: 'booking_transactions_total',
      help: 'Transactions, by how they ended: committed; conflict, outdated (another server writes or wrote the same); unavailable; error.',
      labelNames: ['result'],
      registers,
    });
    for (const result of RESULTS) this.attempts.inc({ result }, 0);
    this.attemptSeconds = new Histogram({
      name: 'booking_transaction_duration_seconds',
      help: 'How long a transaction took, its commit included.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.batchSize = new Histogram({
      name: 'booking_transaction_commands',
      help: 'How many commands a transaction carried.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      registers,
    });
  }

  /** Shows how many wait in a lane, and for how long. */
  watch(lane: Waiting): void {
    this.recent.watch(lane);
    const registers = [this.registry];
    new Gauge({
      name: 'booking_lane_waiting',
      help: 'Commands that wait for their transaction.',
      registers,
      collect() {
        this.set(lane.length);
      },
    });
    new Gauge({
      name: 'booking_lane_oldest_wait_seconds',
      aggregator: 'max',
      help: 'How long the command that has waited longest has waited.',
      registers,
      collect() {
        this.set(lane.oldestMs / 1_000);
      },
    });
  }

  /** Counts a command of this kind by what became of it. */
  async count(command: Command, kind: CommandKind | undefined, answer: Promise<Outcome>): Promise<Outcome> {
    const cameAt = this.clock.monotonic();
    try {
      const outcome = await answer;
      this.countAnswer(command, codeOf(outcome), cameAt);
      if (outcome.kind === 'done' && !outcome.isReplay) {
        const tickets = kind?.soldTickets?.(outcome.result) ?? 0;
        this.ticketsSold.inc(Math.max(0, tickets));
        this.ticketsReturned.inc(Math.max(0, -tickets));
      }
      return outcome;
    } catch (error) {
      const problem = error instanceof Problem ? error : toDatabaseProblem(error);
      this.countAnswer(command, problem?.code ?? 'internal_error', cameAt);
      throw error;
    }
  }

  private countAnswer({ kind, eventId }: Command, code: string, cameAt: number): void {
    this.commandsOf(kind, code).inc();
    this.recent.add(eventId, kind, code, this.clock.monotonic() - cameAt);
  }

  /** Measures one attempt at a transaction. */
  async measure<Result>(batch: readonly Command[], run: () => Promise<Attempted<Result>>): Promise<Attempted<Result>> {
    const stop = this.attemptSeconds.startTimer();
    let result = 'error';
    try {
      const attempted = await run();
      result = attempted.kind === 'failed' ? attempted.reason : attempted.kind;
      return attempted;
    } finally {
      stop();
      this.batchSize.observe(batch.length);
      this.attempts.inc({ result });
    }
  }
}

function codeOf(outcome: Outcome): string {
  if (outcome.kind === 'refused') return outcome.problem.code;
  return outcome.isReplay ? 'replayed' : 'done';
}
