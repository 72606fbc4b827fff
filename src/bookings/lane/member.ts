import type { Problem } from '../../common/problem.js';
import { overloaded } from '../bookings.problems.js';
import type { Waiting } from './event-queues.js';

/** A command in the lane, with its caller. Times are of the monotonic clock, in milliseconds. */
export interface Member<Command, Outcome> extends Waiting {
  readonly command: Command;
  readonly startBy: number;
  readonly deadline: number;
  readonly hasDisconnected: () => boolean;
  readonly isErrand: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  readonly stopTimer: () => void;
  attempts: number;
  /** Whether one of its attempts has sent its commit. */
  commitSent: boolean;
  /** Why its last attempt has failed. */
  problem: Problem | undefined;
}

export type Members<Command, Outcome> = readonly Member<Command, Outcome>[];

/** Rejects the member with the problem of its last attempt; `overloaded` if it was never tried. */
export function giveUpOn<Command, Outcome>(member: Member<Command, Outcome>): void {
  settle(member, () => member.reject(member.problem ?? overloaded()));
}

/** Answers the member, and stops its timer. */
export function settle<Command, Outcome>(member: Member<Command, Outcome>, answer: () => void): void {
  member.stopTimer();
  answer();
}

/** The earliest deadline of the members. */
export function earliest(members: readonly { readonly deadline: number }[]): number {
  return Math.min(...members.map(({ deadline }) => deadline));
}
