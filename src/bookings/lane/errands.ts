import type { Clock } from '../../common/clock.js';
import { Problem } from '../../common/problem.js';
import type { Command, CommandKind, Outcome } from '../decide/command.js';
import { errandExpired, overloaded, queuedAhead } from '../bookings.problems.js';
import type { OwnLane } from './booking-lane.js';
import type { Errand, Report } from './errand.js';

/** Carries out, in the own lane, what other servers ask for. */
export class Errands {
  constructor(
    private readonly clock: Clock,
    private readonly lane: OwnLane<Command, Outcome>,
    private readonly kinds: ReadonlyMap<string, CommandKind>,
  ) {}

  /** Returns a report for each command, in their order. */
  carryOut({ commands, expiresAt }: Errand): Promise<Report[]> {
    return Promise.all(commands.map((command) => this.carryOutOne({ ...command, decideBefore: expiresAt }, expiresAt)));
  }

  private async carryOutOne(command: Command, expiresAt: number): Promise<Report> {
    const kind = this.kinds.get(command.kind);
    // A newer server has asked.
    if (!kind) return { kind: 'returned' };
    const isOver = () => this.clock.now().getTime() >= expiresAt;
    const goesFirst = kind.goesFirst?.(command) === true;
    try {
      const outcome = await this.lane.submit(command, isOver, { goesFirst, isErrand: true });
      const isExpired = outcome.kind === 'refused' && outcome.problem.code === errandExpired().code;
      return isExpired ? { kind: 'expired' } : { kind: 'outcome', outcome };
    } catch (error) {
      // The error is its own, and nothing was committed: whoever sent it finds out as well, and says so.
      if (!(error instanceof Problem)) return { kind: 'returned' };
      if (error.code === overloaded().code && isOver()) return { kind: 'expired' };
      // It waits where it came from: the others of its errand are not held up.
      if (error.code === queuedAhead().code) return { kind: 'expired', problem: error.options };
      return { kind: 'problem', problem: error.options };
    }
  }
}
