import type { Case } from '../bench.js';
import { compare } from '../measure.js';

/** Everybody looks at the same event. */
export const getEvent: Case = async (bench, name) => {
  const contenders = await bench.fleet.get(['product', 'no-op']);
  const entrants = contenders.map((contender) => ({
    contender,
    load: { connections: 100, request: 'get' as const, expected: 200 as const },
    events: { count: 1 },
  }));
  const comparison = await compare(bench, 'GET /events/:id, 100 connections', entrants);
  return { name, comparisons: [comparison], facts: {}, notes: [] };
};
