import type { Case } from '../bench.js';
import { createEvents } from '../contenders/contender.js';
import { compare } from '../measure.js';

const connections = 100;
const LIMITED = { count: 1, maxTicketsPerUser: 4 };

/** All that a shop asks for: a key for each booking, a limit for each user, a reference. */
export const shop: Case = async (bench, name) => {
  const [contender, ...peers] = await bench.fleet.get(['product', 'postgres-same']);
  if (!contender || !(await createEvents(contender, LIMITED))) {
    const note = "The shop's path is not supported yet: the server does not know maxTicketsPerUser.";
    return { name, comparisons: [], facts: {}, notes: [note] };
  }
  const comparison = await compare(bench, "the shop's path, 100 connections", [
    { contender, label: "shop's path", load: { connections, request: 'shop' }, events: LIMITED },
    { contender, label: 'bare booking', load: { connections }, events: { count: 1 } },
    ...peers.map((peer) => ({ contender: peer, load: { connections, request: 'shop' as const }, events: LIMITED })),
  ]);
  return { name, comparisons: [comparison], facts: {}, notes: [] };
};
