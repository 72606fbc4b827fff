import type { Case } from '../bench.js';
import type { ContenderName } from '../contenders/fleet.js';
import { compare } from '../measure.js';

/** Everybody wants tickets of the same event. */
export function oneEvent(connections: number, names: readonly ContenderName[]): Case {
  return async (bench, name) => {
    const contenders = await bench.fleet.get(names);
    const title = `one event, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
    const entrants = contenders.map((contender) => ({ contender, load: { connections }, events: { count: 1 } }));
    return { name, comparisons: [await compare(bench, title, entrants)], facts: {}, notes: [] };
  };
}
