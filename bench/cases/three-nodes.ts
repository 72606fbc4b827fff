import type { Case } from '../bench.js';
import { Fleet } from '../contenders/fleet.js';
import { compare } from '../measure.js';
import { startMongo } from '../support/mongo.js';

const NODES = 3;

/** A commit waits for a second node. */
export const threeNodes: Case = async (bench, name) => {
  const scope = bench.scope.inner();
  try {
    const mongo = await startMongo(scope, bench.mongod, NODES);
    const fleet = new Fleet(scope, { mongo, postgres: undefined }, true);
    const contenders = await fleet.get(['product', 'seed']);
    const entrants = contenders.map((contender) => ({
      contender,
      load: { connections: 100 },
      events: { count: 1 },
    }));
    const comparison = await compare(bench, `a replica set of ${NODES} nodes, one event, 100 connections`, entrants);
    return { name, comparisons: [comparison], facts: {}, notes: [] };
  } finally {
    await scope.close();
  }
};
