import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge } from './judge.js';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.js';
import { PLANTED_IN_CHANGES } from './planted-in-changes.js';
import { PLANTED_IN_EDITS } from './planted-in-edits.js';
import { PLANTED_IN_HOLDS } from './planted-in-holds.js';
import { PLANTED_IN_LANE } from './planted-in-lane.js';
import { PLANTED_IN_PAYMENTS } from './planted-in-payments.js';
import { PLANTED_IN_ROUTING } from './planted-in-routing.js';
import { PLANTED_IN_WAITING } from './planted-in-waiting.js';
import { routedSchedules, schedules } from './drawn.js';
import { run } from './schedule.js';
import { runStory } from './stories.js';

/** Chance has found each of them within so many schedules, from this seed. */
const PARAMETERS = { seed: 2, numRuns: 2_000, endOnFailure: true };

const ALL = [
  ...PLANTED_BUGS,
  ...PLANTED_IN_LANE,
  ...PLANTED_IN_HOLDS,
  ...PLANTED_IN_PAYMENTS,
  ...PLANTED_IN_CHANGES,
  ...PLANTED_IN_EDITS,
  ...PLANTED_IN_WAITING,
  ...PLANTED_IN_ROUTING,
];

it.each(ALL)('the model finds out when $name', async (bug) => {
  expect(await isFound(bug)).toBe(true);
});

async function isFound({ causes, story, isRouted, plant }: PlantedBug): Promise<boolean> {
  if (story) return judge(await runStory(story, plant)).some(({ kind }) => kind === causes);
  const property = fc.asyncProperty(isRouted ? routedSchedules : schedules, async (schedule) => {
    return judge(await run(schedule, plant)).every(({ kind }) => kind !== causes);
  });
  return (await fc.check(property, PARAMETERS)).failed;
}
