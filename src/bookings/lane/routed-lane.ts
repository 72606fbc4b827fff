import type { Clock } from '../../common/clock.js';
import { Problem } from '../../common/problem.js';
import type { Attempt, Attempted } from '../../common/transaction-attempt.js';
import type { Command, Outcome } from '../decide/command.js';
import { type Arrival, BookingLane, type LaneLimits, type OwnLane } from './booking-lane.js';
import type { Owner, Owners, Report } from './errand.js';

/** How long the owner has for an errand. A command that still waits there then is sent again. */
const ERRAND_MS = 1_000;
/** So many errands may be under way to one owner: what comes meanwhile need not wait for the end of its transaction. */
const MAX_UNDER_WAY = 8;
/** By how much the clocks of two servers may differ, and what a message may take, twice over. */
const SKEW_MS = 500;

/** What became of a command that was sent to an owner. */
type Sent =
  | Exclude<Report, { readonly kind: 'expired' }>
  /** It may have been done. */
  | { readonly kind: 'unanswered' };

/**
 * The way of a command to whoever owns its event: a lane of its own to each owner, so that one that does not answer keeps
 * nobody from the others. What an owner does not do is done here, in the own lane: at once where that is certain, and after the
 * errand has expired where it may have been done. Then it is looked for, and its event is written, so that the owner
 * can't do it any more.
 */
export class RoutedLane {
  private readonly lanes = new Map<string, BookingLane<Command, Sent>>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: LaneLimits,
    private readonly own: OwnLane<Command, Outcome>,
    private readonly owners: Owners,
    /** What is said of a command that may have been done, where there is no time to find out. */
    private readonly outcomeUnknown: () => Problem,
  ) {}

  /** As `BookingLane.submit`. */
  async submit(command: Command, hasDisconnected: () => boolean, arrival: Arrival): Promise<Outcome> {
    const owner = this.owners.ownerOf(command.eventId);
    if (!owner) return this.own.submit(command, hasDisconnected, arrival);
    const cameAt = this.clock.monotonic();
    const sent = await this.laneTo(owner).submit(command, hasDisconnected, arrival);
    if (sent.kind === 'outcome') return sent.outcome;
    if (sent.kind === 'problem') throw new Problem(sent.problem);
    const unresolved = sent.kind === 'unanswered' ? this.outcomeUnknown() : undefined;
    return this.own.submit(command, hasDisconnected, {
      ...arrival,
      waitedMs: this.clock.monotonic() - cameAt,
      unresolved,
    });
  }

  private laneTo(owner: Owner): BookingLane<Command, Sent> {
    const known = this.lanes.get(owner.id);
    if (known) return known;
    // Owners come and go.
    for (const [id, { length }] of this.lanes) if (length === 0) this.lanes.delete(id);
    const limits = { ...this.limits, maxUnderWay: MAX_UNDER_WAY };
    const lane = new BookingLane<Command, Sent>(this.clock, limits, (commands, attempt) =>
      this.send(owner, commands, attempt),
    );
    this.lanes.set(owner.id, lane);
    return lane;
  }

  /** Undefined, or why, for what the owner had no time for: it is sent again, or given up. */
  private async send(
    owner: Owner,
    commands: readonly Command[],
    { deadline }: Attempt,
  ): Promise<Attempted<readonly (Sent | Problem | undefined)[]>> {
    const leftMs = deadline - this.clock.monotonic();
    const errandMs = Math.max(0, Math.min(ERRAND_MS, leftMs - SKEW_MS));
    const expiresAt = this.clock.now().getTime() + errandMs;
    const reports = await owner.carryOut({ commands, expiresAt }, errandMs + SKEW_MS);
    const result = commands.map((_, index): Sent | Problem | undefined => {
      if (reports === 'undelivered') return { kind: 'returned' };
      const report = reports === 'unanswered' ? undefined : reports[index];
      if (!report) return { kind: 'unanswered' };
      if (report.kind !== 'expired') return report;
      return report.problem && new Problem(report.problem);
    });
    return { kind: 'committed', result };
  }
}
