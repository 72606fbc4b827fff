import type { Instant } from '../../common/clock.js';
import type { ProblemOptions } from '../../common/problem.js';
import type { Command, Outcome } from '../decide/command.js';

/** Commands that a server asks the owner of their events to carry out. Plain data: it crosses processes. */
export interface Errand {
  readonly commands: readonly Command[];
  /** From this moment on none of them is decided. */
  readonly expiresAt: Instant;
}

/** What the owner says of one command. */
export type Report =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** Nothing was changed, or that is not known, as the problem says. */
  | { readonly kind: 'problem'; readonly problem: ProblemOptions }
  /** It was not carried out, and will not be: its time was over. With a problem, it waits for something else. */
  | { readonly kind: 'expired'; readonly problem?: ProblemOptions }
  /** It was not carried out, and will not be: whoever sent it has to do it. */
  | { readonly kind: 'returned' };

/** Another server, which owns events. */
export interface Owner {
  /** Differs from that of every other server, and of the same server before it was started again. */
  readonly id: string;
  /**
   * Returns a report for each command. `undelivered`: nobody has got the errand, for certain. `unanswered`, after so long:
   * what was asked for may be done until the errand expires.
   */
  carryOut(errand: Errand, patienceMs: number): Promise<readonly Report[] | 'undelivered' | 'unanswered'>;
}

/** What became of a request to another server: its reply, or why there is none. */
type Answer = { readonly reply: unknown } | 'undelivered' | 'unanswered';

/** The server of this id as an owner, which is asked by `request`. */
export function toOwner(
  id: string,
  request: (to: string, body: Errand, expiresAt: Instant, patienceMs: number) => Promise<Answer>,
): Owner {
  return {
    id,
    carryOut: async (errand, patienceMs) => {
      const answer = await request(id, errand, errand.expiresAt, patienceMs);
      return typeof answer === 'string' ? answer : (answer.reply as Report[]);
    },
  };
}

/** Knows who owns which events. It may be wrong: then several servers write the same events, and are slower. */
export interface Owners {
  /** The server that owns the event; undefined where that is this one, or nobody. */
  ownerOf(eventId: string): Owner | undefined;
}
