import type { Problem } from '../../common/problem.js';
import type { Outcome } from './command.js';

/** The outcome of a command that is refused, for this reason. */
export function refuse({ options }: Problem): Outcome<never> {
  return { kind: 'refused', problem: options };
}
