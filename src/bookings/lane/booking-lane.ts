import { type Attempt, type Attempted, backOffMs } from '../../common/transaction-attempt.js';
import type { Clock } from '../../common/clock.js';
import { Problem } from '../../common/problem.js';
import { overloaded } from '../bookings.problems.js';
import { BatchShares } from './batch-shares.js';
import { EventQueues } from './event-queues.js';
import { earliest, giveUpOn, type Member, type Members, settle } from './member.js';

export interface LaneLimits {
  /** How many commands may wait, in all and for one event. */
  readonly maxWaiting: number;
  readonly maxWaitingPerEvent: number;
  /** How many commands one transaction may carry. */
  readonly maxBatch: number;
  /** How long a command may wait for its turn: an attempt that starts later may reach its deadline with its commit unresolved. */
  readonly maxWaitMs: number;
  /** A command is answered within this time from its arrival here. */
  readonly deadlineMs: number;
  /** How many batches may be under way at once. Two transactions of one server would get into each other's way. */
  readonly maxUnderWay: number;
}

/**
 * Tries once to commit all of the commands together. Returns an outcome for each; undefined for one that has to be tried
 * again after what was committed, and a Problem for one that waits for something else: what to say if that does not come in time.
 * Throws a Problem if the end of the commit is unknown, and another error for a command that can't be carried out.
 */
export type Commit<Command, Outcome> = (
  commands: readonly Command[],
  attempt: Attempt,
) => Promise<Attempted<readonly (Outcome | Problem | undefined)[]>>;

/** While another batch is under way, the next one waits for those that come together. */
const GATHER_MS = 1;

/** When a command that waits for something else is tried again. */
const ASIDE_MS = 25;

/** Longer than any server runs. */
const AHEAD_MS = 2 ** 50;

/** What a command brings with it. */
export interface Arrival {
  /** It waits for those of its event only that do so, too. */
  readonly goesFirst?: boolean;
  /** Another server has sent it, and decides what becomes of it where it would have to wait for something else. */
  readonly isErrand?: boolean;
  /** How long it has waited elsewhere: it takes the place, and has the time, of one that came so much earlier. */
  readonly waitedMs?: number;
  /** It may have been committed elsewhere: what to say where there is no time to find out. */
  readonly unresolved?: Problem | undefined;
}

/** The own lane, as those see it who only put commands in. */
export type OwnLane<Command extends { readonly eventId: string }, Outcome> = Pick<
  BookingLane<Command, Outcome>,
  'submit'
>;

/**
 * Group commit: the commands that wait when a batch may begin become the next one, across events. First come, first served
 * for each event; the events take turns. It is for speed alone: the transaction behind `commit` keeps the books.
 *
 * | a member is | and becomes                | when                                                             |
 * | ----------- | -------------------------- | ---------------------------------------------------------------- |
 * | waiting     | in the batch               | a batch may begin, its event does not rest and has its turn      |
 * | waiting     | rejected                   | its client has disconnected, or `maxWaitMs` has passed           |
 * | in the batch| resolved                   | the attempt has committed                                        |
 * | in the batch| waiting, at its old place  | the attempt has failed, and there is time for another            |
 * | in the batch| waiting, at its old place  | the attempt has committed what has to be done before             |
 * | in the batch| aside                      | it waits for something else                                      |
 * | aside       | waiting, at its old place  | a while has passed                                               |
 * | aside       | rejected                   | `maxWaitMs` has passed                                           |
 * | in the batch| rejected                   | the attempt has failed, and there is no time for another         |
 * | in the batch| in half of the batch       | an error may be another member's fault                           |
 * | in the batch| rejected                   | the error is its own, or the outcome is unknown                  |
 *
 * While the lane is idle, only members of a resting event wait, and those that were set aside: the end of that calls `proceed`.
 */
export class BookingLane<Command extends { readonly eventId: string }, Outcome> {
  private readonly waiting = new EventQueues<Member<Command, Outcome>>();
  private arrivals = 0;
  /** How many batches are. */
  private underWay = 0;
  private isGathering = false;
  /** The events that pause: other servers write them too, or the database has failed. */
  private readonly resting = new Set<string>();
  /** Those that wait for something else: until they are tried again, they are in nobody's way. */
  private readonly aside = new Set<Member<Command, Outcome>>();
  private readonly batchShares = new BatchShares();

  constructor(
    private readonly clock: Clock,
    private readonly limits: LaneLimits,
    private readonly commit: Commit<Command, Outcome>,
  ) {}

  /**
   * Returns what became of `command`, once that is committed. A command is not tried if its client has disconnected.
   * Throws `overloaded` if it was never tried, and the problem of its last attempt or the error of `commit` otherwise.
   */
  submit(command: Command, hasDisconnected: () => boolean, arrival: Arrival = {}): Promise<Outcome> {
    const { eventId } = command;
    const { goesFirst = false, isErrand = false, waitedMs = 0, unresolved } = arrival;
    const { maxWaiting, maxWaitingPerEvent } = this.limits;
    const isCrowded = !goesFirst && this.waiting.lengthOf(eventId) >= maxWaitingPerEvent;
    if (this.length >= maxWaiting || isCrowded) {
      return Promise.reject(unresolved ?? overloaded());
    }
    return new Promise((resolve, reject) => {
      const cameAt = this.clock.monotonic() - waitedMs;
      const member: Member<Command, Outcome> = {
        command,
        eventId,
        arrivedAt: cameAt - (goesFirst ? AHEAD_MS : 0),
        arrival: ++this.arrivals,
        startBy: cameAt + this.limits.maxWaitMs,
        deadline: cameAt + this.limits.deadlineMs,
        hasDisconnected,
        isErrand,
        resolve,
        reject,
        stopTimer: this.clock.after(Math.max(0, this.limits.maxWaitMs - waitedMs), () => this.giveUp(member)),
        attempts: unresolved ? 1 : 0,
        commitSent: unresolved !== undefined,
        problem: unresolved,
      };
      this.waiting.add(member);
      this.proceed();
    });
  }

  /** How many commands wait. */
  get length(): number {
    return this.waiting.length + this.aside.size;
  }

  /** The events with waiting commands. */
  get eventIds(): readonly string[] {
    return this.waiting.eventIds();
  }

  /** How many commands wait for the event. */
  lengthOf(eventId: string): number {
    return this.waiting.lengthOf(eventId);
  }

  /** How long the oldest waiting command has waited, in milliseconds. */
  get oldestMs(): number {
    return Math.max(0, ...this.waiting.eventIds().map((eventId) => this.oldestMsOf(eventId)));
  }

  /** How long the oldest waiting command of the event has waited, in milliseconds. */
  oldestMsOf(eventId: string): number {
    const first = this.waiting.first(eventId);
    return first ? this.clock.monotonic() - (first.startBy - this.limits.maxWaitMs) : 0;
  }

  /** Rejects the member if it still waits. */
  private giveUp(member: Member<Command, Outcome>): void {
    if (this.waiting.remove(member) || this.aside.delete(member)) giveUpOn(member);
  }

  private proceed(): void {
    if (this.underWay === 0) this.begin();
    else if (this.underWay < this.limits.maxUnderWay && this.waiting.length > 0) this.gather();
  }

  private begin(): void {
    const batch = this.takeBatch();
    if (batch.length > 0) void this.process(batch);
  }

  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    this.clock.after(GATHER_MS, () => {
      this.isGathering = false;
      if (this.underWay < this.limits.maxUnderWay) this.begin();
    });
  }

  /** Takes one member of each event in turn, until the batch is full: a rush on one event does not delay the others. */
  private takeBatch(): Member<Command, Outcome>[] {
    const batch: Member<Command, Outcome>[] = [];
    for (let round = this.chooseEvents(); round.length > 0; round = round.filter((id) => this.waiting.first(id))) {
      for (const eventId of round) {
        if (batch.length === this.limits.maxBatch) return batch;
        const member = this.takeFirst(eventId);
        if (member) batch.push(member);
      }
    }
    return batch;
  }

  /** The events whose shares fit into one transaction, by turn; the first one always does. */
  private chooseEvents(): string[] {
    let room = 1;
    return this.waiting.eventIds().filter((eventId) => {
      const share = this.batchShares.shareOf(eventId);
      if (this.resting.has(eventId) || share > room || !this.findFirst(eventId)) return false;
      room -= share;
      return true;
    });
  }

  private takeFirst(eventId: string): Member<Command, Outcome> | undefined {
    const member = this.findFirst(eventId);
    if (!member) return undefined;
    this.waiting.remove(member);
    this.waiting.passTurn(eventId);
    return member;
  }

  /** The next member of the event, after rejecting those that have disconnected or have no time left. */
  private findFirst(eventId: string): Member<Command, Outcome> | undefined {
    for (let member = this.waiting.first(eventId); member; member = this.waiting.first(eventId)) {
      if (!member.hasDisconnected() && !this.isLate(member)) return member;
      this.giveUp(member);
    }
    return undefined;
  }

  private async process(batch: Members<Command, Outcome>): Promise<void> {
    this.underWay += 1;
    await this.tryTogether(batch);
    this.underWay -= 1;
    this.proceed();
  }

  /** Answers the members, or puts them back to wait for another attempt. Returns true if none of them waits again. */
  private async tryTogether(members: Members<Command, Outcome>, deadline = earliest(members)): Promise<boolean> {
    if (members.length === 0) return true;
    const eventIds = [...new Set(members.map((member) => member.eventId))];
    const attempt: Attempt = {
      number: 1 + Math.max(...members.map((member) => member.attempts)),
      mayHaveCommitted: members.some((member) => member.commitSent),
      deadline,
    };
    const startedAt = this.clock.monotonic();
    const commands = members.map((member) => member.command);
    let attempted: Attempted<readonly (Outcome | Problem | undefined)[]>;
    try {
      attempted = await this.commit(commands, attempt);
    } catch (error) {
      // The error may be the fault of one member: the others are tried without it.
      if (!(error instanceof Problem) && members.length > 1) return this.tryHalves(members, deadline);
      for (const member of members) settle(member, () => member.reject(error));
      return true;
    }
    if (attempted.kind === 'failed') {
      for (const member of members) {
        member.attempts = attempt.number;
        member.commitSent ||= attempted.commitSent;
        member.problem = attempted.problem;
      }
      this.putBack(members);
      this.rest(
        eventIds,
        attempted.reason === 'conflict' ? this.batchShares.lost(eventIds) : backOffMs(attempt.number),
      );
      return false;
    }
    const { result } = attempted;
    this.rest(eventIds, this.batchShares.won(eventIds, this.clock.monotonic() - startedAt));
    const undecided: Member<Command, Outcome>[] = [];
    const postponed: Member<Command, Outcome>[] = [];
    members.forEach((member, index) => {
      const outcome = result[index];
      if (outcome === undefined) undecided.push(member);
      else if (!(outcome instanceof Problem)) settle(member, () => member.resolve(outcome));
      else if (member.isErrand) settle(member, () => member.reject(outcome));
      else {
        member.problem = outcome;
        // What was committed has written its event: an earlier commit can't land any more.
        member.commitSent = false;
        postponed.push(member);
      }
    });
    this.setAside(postponed);
    this.putBack(undecided);
    return undecided.length === 0;
  }

  /** Tries each half, both within the deadline of the whole: the rest of the lane waits meanwhile. */
  private async tryHalves(members: Members<Command, Outcome>, deadline: number): Promise<boolean> {
    const middle = Math.ceil(members.length / 2);
    const [first, second] = [members.slice(0, middle), members.slice(middle)];
    // Order is kept within an event: the second half does not overtake the first.
    if (await this.tryTogether(this.withTimeLeft(first), deadline))
      return this.tryTogether(this.withTimeLeft(second), deadline);
    this.putBack(second);
    return false;
  }

  /** The members that have time for another attempt; rejects the others. */
  private withTimeLeft(members: Members<Command, Outcome>): Members<Command, Outcome> {
    return members.filter((member) => {
      const isLate = this.isLate(member);
      if (isLate) giveUpOn(member);
      return !isLate;
    });
  }

  private isLate({ startBy }: Member<Command, Outcome>): boolean {
    return startBy <= this.clock.monotonic();
  }

  /** Puts the members back into the queue, each at its old place. */
  private putBack(members: Members<Command, Outcome>): void {
    for (const member of this.withTimeLeft(members)) this.waiting.add(member);
  }

  /** The members wait for something else, and for their next try. */
  private setAside(members: Members<Command, Outcome>): void {
    if (members.length === 0) return;
    for (const member of members) this.aside.add(member);
    this.clock.after(ASIDE_MS, () => {
      this.putBack(members.filter((member) => this.aside.delete(member)));
      this.proceed();
    });
  }

  private rest(eventIds: readonly string[], milliseconds: number): void {
    if (milliseconds === 0) return;
    for (const id of eventIds) this.resting.add(id);
    this.clock.after(milliseconds, () => {
      for (const id of eventIds) this.resting.delete(id);
      this.proceed();
    });
  }
}
