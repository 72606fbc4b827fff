import type { Case } from '../bench.js';
import { compare } from '../measure.js';

export const MANY_EVENTS = 500;

/** Each caller wants a ticket of another event. */
export const manyEvents: Case = async (bench, name) => {
  const contenders = await bench.fleet.get(['product', 'seed', 'textbook', 'postgres', 'postgres-same']);
  const entrants = contenders.map((contender) => ({
    contender,
    load: { connections: 100 },
    events: { count: MANY_EVENTS },
  }));
  const comparison = await compare(bench, `${MANY_EVENTS} events, 100 connections`, entrants);
  return { name, comparisons: [comparison], facts: {}, notes: [] };
};
