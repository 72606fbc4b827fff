import type { Case } from '../bench.js';
import { Audience } from '../load/audience.js';
import { compare } from '../measure.js';

const connections = 100;
const LISTENERS = 1_000;

/** Everybody wants tickets of the same event, and a thousand clients follow how many are left. */
export const live: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const [url = ''] = contender.urls;
  const audience = new Audience(LISTENERS);
  const leave = () => {
    audience.leave();
    return Promise.resolve();
  };
  const common = { contender, load: { connections }, events: { count: 1 } };
  const comparison = await compare(bench, 'one event that is sold, 100 connections', [
    {
      ...common,
      label: 'with 1,000 listeners',
      prepare: ([eventId = '']) => audience.gather(url, eventId),
      around: () => Promise.resolve(leave),
    },
    { ...common, label: 'without listeners' },
  ]);
  if (audience.lostStreams > 0) bench.faults.push(`${audience.lostStreams} streams have ended by themselves`);
  return {
    name,
    comparisons: [comparison],
    facts: { messages: audience.rate },
    notes: [`Each of the ${LISTENERS} listeners got ${audience.rate.toFixed(1)} states a second.`],
  };
};
