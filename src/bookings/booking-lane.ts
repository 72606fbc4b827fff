import { type Attempt, type Attempted, backOffMs } from '../common/attempt.js';
import type { Clock } from '../common/clock.js';
import { Problem } from '../common/problem.js';
import { overloaded } from './bookings.problems.js';

export interface LaneLimits {
  /** How many may wait, in all and for one event. */
  readonly maxWaiting: number;
  readonly maxWaitingPerEvent: number;
  /** How many one transaction may take. */
  readonly maxBatch: number;
  /** How many batches that have to be tried again may be under way beside the next one. */
  readonly maxAside: number;
  /** So long it may wait for its turn: what starts any later may end without knowing how. */
  readonly maxWaitMs: number;
  /** From its arrival here, a command is answered within this time. */
  readonly deadlineMs: number;
}

/**
 * One try to make all of the commands come true together: an outcome for each.
 * Throws a Problem when it is not known whether they did, and another error for a command that can't be carried out.
 */
export type Commit<Command, Outcome> = (
  commands: readonly Command[],
  attempt: Attempt,
) => Promise<Attempted<readonly Outcome[]>>;

interface Member<Command, Outcome> {
  readonly command: Command;
  readonly deadline: number;
  readonly isGone: () => boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  stopTimer(): void;
}

type Members<Command, Outcome> = readonly Member<Command, Outcome>[];

interface Failure {
  readonly isConflict: boolean;
  /** One of the commands can't be carried out. */
  readonly isBad: boolean;
  readonly commitSent: boolean;
  readonly problem: Problem | undefined;
}

/**
 * Group commit: what waits when the last commit ends becomes the next one, across events. First come, first served for
 * each event, the events in turn. It is for speed alone: what keeps the books is the transaction behind `commit`.
 */
export class BookingLane<Command extends { readonly eventId: string }, Outcome> {
  /** Who waits, by event, in the order of arrival; first the events whose turn it is. */
  private readonly waiting = new Map<string, Member<Command, Outcome>[]>();
  private waitingCount = 0;
  /** How many commands of each event are under way: two batches with the same event would only conflict. */
  private readonly busy = new Map<string, number>();
  private isCommitting = false;
  private aside = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limits: LaneLimits,
    private readonly commit: Commit<Command, Outcome>,
  ) {}

  /**
   * What became of `command`, once that is committed. `isGone` says that nobody waits for the answer any more.
   * Throws `overloaded` where it was not even tried, and what `commit` throws or says.
   */
  submit(command: Command, isGone: () => boolean): Promise<Outcome> {
    const queue = this.waiting.get(command.eventId) ?? [];
    if (this.waitingCount >= this.limits.maxWaiting || queue.length >= this.limits.maxWaitingPerEvent) {
      return Promise.reject(overloaded());
    }
    return new Promise((resolve, reject) => {
      const stopTimer = this.clock.after(this.limits.maxWaitMs, () => {
        this.leave(member);
        reject(overloaded());
      });
      const deadline = this.clock.monotonic() + this.limits.deadlineMs;
      const member = { command, deadline, isGone, resolve, reject, stopTimer };
      queue.push(member);
      this.waiting.set(command.eventId, queue);
      this.waitingCount += 1;
      this.proceed();
    });
  }

  private leave(member: Member<Command, Outcome>): void {
    const queue = this.waiting.get(member.command.eventId) ?? [];
    queue.splice(queue.indexOf(member), 1);
    this.waitingCount -= 1;
    if (queue.length === 0) this.waiting.delete(member.command.eventId);
  }

  private proceed(): void {
    if (this.isCommitting || this.aside >= this.limits.maxAside) return;
    const batch = this.takeBatch();
    if (batch.length > 0) void this.process(batch);
  }

  /** One of each event in turn, until the batch is full: no event's rush keeps the others waiting. */
  private takeBatch(): Member<Command, Outcome>[] {
    const batch: Member<Command, Outcome>[] = [];
    const queues = [...this.waiting].filter(([eventId]) => !this.busy.has(eventId));
    for (let round = queues; round.length > 0; round = round.filter(([, queue]) => queue.length > 0)) {
      for (const [eventId, queue] of round) {
        if (batch.length === this.limits.maxBatch) return batch;
        const member = queue[0];
        if (!member) continue;
        this.leave(member);
        member.stopTimer();
        if (member.isGone()) {
          member.reject(overloaded());
          continue;
        }
        batch.push(member);
        this.busy.set(eventId, (this.busy.get(eventId) ?? 0) + 1);
        // Whoever has had a turn comes last in the next batch.
        if (this.waiting.delete(eventId)) this.waiting.set(eventId, queue);
      }
    }
    return batch;
  }

  /** Answers every member of a batch. Whatever has to be tried again lets the next batch pass. */
  private async process(batch: Members<Command, Outcome>): Promise<void> {
    this.isCommitting = true;
    const failure = await this.attempt(batch, 1, false);
    this.isCommitting = false;
    if (failure) {
      this.aside += 1;
      this.proceed();
      await this.tryAgain(batch, 1, failure);
      this.aside -= 1;
    }
    this.proceed();
  }

  /** Answers the members, or returns why they have to be tried again. */
  private async attempt(
    members: Members<Command, Outcome>,
    number: number,
    afterCommit: boolean,
  ): Promise<Failure | undefined> {
    const deadline = Math.min(...members.map((member) => member.deadline));
    const commands = members.map((member) => member.command);
    try {
      const attempted = await this.commit(commands, { number, afterCommit, deadline });
      if (attempted.kind === 'failed') {
        return { ...attempted, isBad: false, commitSent: afterCommit || attempted.commitSent };
      }
      members.forEach((member, index) => {
        this.settle(member, () => member.resolve(attempted.result[index] as Outcome));
      });
    } catch (error) {
      // One of them may be to blame, and the others have nothing to do with it.
      if (!(error instanceof Problem) && members.length > 1) {
        return { isConflict: false, isBad: true, commitSent: afterCommit, problem: undefined };
      }
      for (const member of members) this.settle(member, () => member.reject(error));
    }
    this.proceed();
    return undefined;
  }

  private async tryAgain(members: Members<Command, Outcome>, number: number, failure: Failure): Promise<void> {
    const next = async (part: Members<Command, Outcome>) => {
      const nextFailure = await this.attempt(part, number + 1, failure.commitSent);
      if (nextFailure) await this.tryAgain(part, number + 1, nextFailure);
    };
    const parts = failure.isConflict || failure.isBad ? halveByEvent(members) : [members];
    if (failure.isBad) {
      // Within an event whoever came first has the earlier deadline, so that nobody waits beyond his own.
      if (parts.length > 1) await Promise.all(parts.map(next));
      else for (const part of halve(members)) await next(part);
      return;
    }
    if (parts.length === 1) await this.clock.sleep(backOffMs(number));
    const inTime = parts.map((part) => part.filter((member) => !this.isLate(member, failure)));
    await Promise.all(inTime.filter((part) => part.length > 0).map(next));
  }

  /** Whether the member can't wait for another attempt; then it is told why. */
  private isLate(member: Member<Command, Outcome>, { problem }: Failure): boolean {
    if (member.deadline > this.clock.monotonic()) return false;
    this.settle(member, () => member.reject(problem));
    return true;
  }

  private settle({ command: { eventId } }: Member<Command, Outcome>, answer: () => void): void {
    const others = (this.busy.get(eventId) ?? 0) - 1;
    if (others > 0) this.busy.set(eventId, others);
    else this.busy.delete(eventId);
    answer();
  }
}

function halve<Item>(items: readonly Item[]): Item[][] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((half) => half.length > 0);
}

/** Both halves have events of their own, so that an event which is written by others ends alone. */
function halveByEvent<Item extends { readonly command: { readonly eventId: string } }>(
  items: readonly Item[],
): Item[][] {
  const halves = halve([...new Set(items.map((item) => item.command.eventId))]).map((ids) => new Set(ids));
  return halves.map((ids) => items.filter((item) => ids.has(item.command.eventId)));
}
