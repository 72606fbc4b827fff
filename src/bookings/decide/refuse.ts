import type { Problem } from '../../common/problem.js';
import type { Outcome, Postponed } from './command.js';

/** The outcome of a command that is refused, for this reason. */
export function refuse({ options }: Problem): Outcome<never> {
  return { kind: 'refused', problem: options };
}

/** The outcome of a command that has to wait, for this reason. */
export function postpone({ options }: Problem): Postponed {
  return { kind: 'postponed', problem: options };
}
