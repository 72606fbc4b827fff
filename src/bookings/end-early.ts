import { Problem } from '../common/problem.js';
import { outcomeUnknown } from '../platform/database/index.js';
import { overloaded } from './bookings.problems.js';

/**
 * Decides about an error in a call that works in several transactions, of which some have changed something. Returns if the call
 * may end here with what it has. Throws the error if nothing was changed; else `outcome_unknown`, since "nothing was changed",
 * as the error says, would be untrue.
 */
export function endEarly(error: unknown, changed: number): void {
  if (changed === 0) throw error;
  if (!(error instanceof Problem) || error.code !== overloaded().code) throw outcomeUnknown();
}
