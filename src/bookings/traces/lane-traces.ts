import { Problem } from '../../common/problem.js';
import { PROBLEM_CODE, type Span, type TraceContext } from '../../common/trace.js';
import type { Attempt, Attempted } from '../../common/transaction-attempt.js';
import { toDatabaseProblem } from '../../platform/database/index.js';
import type { Linked, Tracing } from '../../platform/tracing/index.js';
import type { Command, Outcome } from '../decide/command.js';
import type { OwnLane } from '../lane/booking-lane.js';
import { aboutCommand } from './about-command.js';

/** A command whose trace is sampled, while it is in the lane. */
interface Followed {
  readonly command: Command;
  readonly context: TraceContext;
  /** Undefined while it is in a transaction. */
  wait: Span | undefined;
}

type Answers = readonly (Outcome | Problem | undefined)[];

const NAMES = 'ticket_booking';

/**
 * Follows the commands of sampled traces: in a trace, a command has a span for each wait for its turn, and one for each
 * transaction that it was in. The batch, which is the same transaction for many traces, has a trace of its own.
 */
export class LaneTraces {
  private readonly followed = new Map<Command, Followed>();

  constructor(private readonly tracing: Tracing) {}

  /** The lane, with a span for each command, from its arrival to its outcome. */
  around(lane: OwnLane<Command, Outcome>): OwnLane<Command, Outcome> {
    return {
      submit: (command, hasDisconnected, arrival) => {
        const { trace } = command;
        if (!trace) return lane.submit(command, hasDisconnected, arrival);
        const kind = arrival?.isErrand === true ? 'server' : 'internal';
        const span = this.tracing.start(trace, kind, {
          name: `command ${command.kind}`,
          attributes: aboutCommand(command),
        });
        return this.follow(span, command, () => lane.submit(command, hasDisconnected, arrival));
      },
    };
  }

  /** Traces one attempt at a transaction: the batch, and in each sampled trace the transaction. */
  async ofAttempt(
    commands: readonly Command[],
    attempt: Attempt,
    run: () => Promise<Attempted<Answers>>,
  ): Promise<Attempted<Answers>> {
    const members = this.followed.size === 0 ? [] : commands.flatMap((command) => this.followed.get(command) ?? []);
    if (members.length === 0) return run();
    const spans = this.startTransaction(members, commands, attempt);
    let result = 'error';
    let attempted: Attempted<Answers> | undefined;
    try {
      attempted = await run();
      result = attempted.kind === 'failed' ? attempted.reason : attempted.kind;
      return attempted;
    } finally {
      for (const span of spans) {
        span.set({ [`${NAMES}.transaction.result`]: result });
        // To lose against another transaction is no error: there is another attempt.
        span.end(result === 'error' || result === 'unavailable' ? result : undefined);
      }
      commands.forEach((command, index) => {
        const member = this.followed.get(command);
        if (member && !isAnswered(attempted, index)) member.wait = this.startWait(member.context);
      });
    }
  }

  private async follow(span: Span, command: Command, submit: () => Promise<Outcome>): Promise<Outcome> {
    const { context } = span;
    // The other server samples, and this one traces nothing.
    if (!context) return submit();
    const followed: Followed = { command, context, wait: this.startWait(context) };
    this.followed.set(command, followed);
    let error: string | undefined;
    try {
      const outcome = await submit();
      if (outcome.kind === 'refused') span.set({ [PROBLEM_CODE]: outcome.problem.code });
      return outcome;
    } catch (thrown) {
      const problem = thrown instanceof Problem ? thrown : toDatabaseProblem(thrown);
      const code = problem?.code ?? 'internal_error';
      span.set({ [PROBLEM_CODE]: code });
      if (!problem || problem.status >= 500) error = code;
      throw thrown;
    } finally {
      this.followed.delete(command);
      followed.wait?.end();
      span.end(error);
    }
  }

  /** Ends the waits of the members. Returns the spans of their transaction: that of the batch, and one in each trace. */
  private startTransaction(members: readonly Followed[], commands: readonly Command[], { number }: Attempt): Span[] {
    const attributes = {
      [`${NAMES}.transaction.attempt`]: number,
      [`${NAMES}.transaction.commands`]: commands.length,
      [`${NAMES}.transaction.events`]: new Set(commands.map(({ eventId }) => eventId)).size,
    };
    const linked: Linked[] = [];
    const spans = members.map((member) => {
      member.wait?.end();
      member.wait = undefined;
      const span = this.tracing.start(member.context, 'internal', { name: 'transaction', attributes });
      if (span.context) linked.push({ context: span.context, attributes: aboutCommand(member.command) });
      return span;
    });
    const batch = this.tracing.startShared(linked, { name: 'batch', attributes });
    if (batch.context) for (const span of spans) span.link(batch.context);
    return [batch, ...spans];
  }

  private startWait(context: TraceContext): Span {
    return this.tracing.start(context, 'internal', { name: 'wait', attributes: {} });
  }
}

/** Whether the attempt has decided the command of this place. Any other waits again, or is given up in this moment. */
function isAnswered(attempted: Attempted<Answers> | undefined, index: number): boolean {
  if (attempted?.kind !== 'committed') return false;
  const answer = attempted.result[index];
  return answer !== undefined && !(answer instanceof Problem);
}
