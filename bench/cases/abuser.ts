import type { Case } from '../bench.js';
import { compare, type Entrant, measure, warmUp } from '../measure.js';
import { LoadGenerator } from '../load/load-generator.js';

const CONNECTIONS_MAX = 2_000;
/** Of the peak: together with the one who asks as often as all of them, the server has as much to do as it can. */
const SHARE = 0.5;

/** One user of a shop sends half of the traffic: what that costs the shop's other users. */
export const abuser: Case = async (bench, name) => {
  const contender = await bench.fleet.getVariant({ label: 'product', isKeyed: true });
  const events = { count: 1 };
  const atPeak: Entrant = { contender, load: { connections: 100 }, events };
  await warmUp(bench, atPeak);
  const { rate: peak } = await measure(bench, atPeak);
  const load = { connections: CONNECTIONS_MAX, perSecond: Math.round(SHARE * peak) };
  const greedy = LoadGenerator.start(bench.scope);
  const withAbuser: Entrant = {
    contender,
    label: 'beside an abuser',
    load,
    events,
    prepare: async (eventIds) => {
      const { urls, key } = contender;
      await greedy.begin({ ...load, urls, key, eventIds, request: 'book', expected: 201, userId: 'abuser' });
    },
    around: () =>
      Promise.resolve(async () => {
        await greedy.end();
      }),
  };
  const alone: Entrant = { contender, label: 'the others alone', load, events };
  const comparison = await compare(bench, `${load.perSecond} users a second, each once`, [withAbuser, alone]);
  return { name, comparisons: [comparison], facts: {}, notes: [] };
};
