import { describe, expect, it } from '@jest/globals';
import fc, { type Parameters } from 'fast-check';
import { judge } from './judge.js';
import { routedSchedules, type Schedule, schedules } from './drawn.js';
import { run } from './schedule.js';
import { runStory, STORIES } from './stories.js';
import { STORIES_OF_CHANGES } from './stories-of-changes.js';
import { STORIES_OF_EDITS } from './stories-of-edits.js';
import { STORIES_OF_PAYMENTS } from './stories-of-payments.js';
import { STORIES_OF_ROUTING } from './stories-of-routing.js';
import { STORIES_OF_WAITING } from './stories-of-waiting.js';

/** To see a failure again, add the `seed` and the `path` that it has printed. */
const PARAMETERS: Parameters<[Schedule]> = { numRuns: 500 };

describe('two processes with their lanes, on one database', () => {
  it('keep the books, and tell every caller the truth in time, whatever is lost, late or said to have failed', async () => {
    const isTrue = fc.asyncProperty(schedules, async (schedule) => expect(judge(await run(schedule))).toEqual([]));
    await fc.assert(isTrue, PARAMETERS);
  });

  it("do so while they send each other what they take for the other's, over a wire that loses, doubles and forges", async () => {
    const isTrue = fc.asyncProperty(routedSchedules, async (schedule) =>
      expect(judge(await run(schedule))).toEqual([]),
    );
    await fc.assert(isTrue, PARAMETERS);
  });

  it.each([
    ...STORIES,
    ...STORIES_OF_CHANGES,
    ...STORIES_OF_PAYMENTS,
    ...STORIES_OF_EDITS,
    ...STORIES_OF_WAITING,
    ...STORIES_OF_ROUTING,
  ])('$promise', async (story) => {
    expect(judge(await runStory(story))).toEqual([]);
  });
});
