import { Problem } from '../../../src/common/problem.js';
import type { PlantedBug } from './planted-bugs.js';

/** Mistakes in how commands wait, and are tried together. */
export const PLANTED_IN_LANE: readonly PlantedBug[] = [
  {
    name: 'each caller of a batch gets the answer of the next',
    causes: 'answer of another',
    plant: (parts) => {
      const { commit } = parts;
      parts.commit = async (commands, attempt) => {
        const attempted = await commit(commands, attempt);
        if (attempted.kind === 'failed') return attempted;
        const [first, ...others] = attempted.result;
        return { ...attempted, result: [...others, first!] };
      };
    },
  },
  {
    name: 'a bad member fails its neighbours',
    causes: 'untrue refusal',
    plant: (parts) => {
      const { commit } = parts;
      parts.commit = (commands, attempt) =>
        commit(commands, attempt).catch((error: unknown) => {
          const failed = { status: 500, code: 'internal_error', title: '', message: '' };
          throw commands.length > 1 && !(error instanceof Problem) ? new Problem(failed) : error;
        });
    },
  },
  {
    name: 'the lane does not leave out events that are under way',
    causes: 'out of order',
    plant: ({ lane }) => {
      const { busy } = lane as unknown as { busy: Map<string, number> };
      busy.has = () => false;
    },
  },
  {
    name: 'who is late is tried again and again',
    causes: 'no answer',
    plant: ({ lane }) => ((lane as unknown as { isLate(): boolean }).isLate = () => false),
  },
];
