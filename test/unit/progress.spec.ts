import { describe, expect, it } from '@jest/globals';
import { Progress, type ProgressStyle } from '../../src/common/progress.js';

const CLEAR = '\r\x1b[K';

/** Progress into a list of what it writes, at a time that passes only when a test says so. */
function start(style: ProgressStyle, columns?: number) {
  const written: string[] = [];
  let now = 1_000;
  const output = { write: (text: string) => written.push(text), columns };
  return {
    progress: new Progress(output, style, () => now),
    pass: (ms: number) => void (now += ms),
    /** What it has written since it was last asked. */
    taken: () => written.splice(0),
  };
}

describe('progress as lines', () => {
  it('says every few seconds how far it is, and in the end how far it came', () => {
    const { progress, pass, taken } = start('lines');
    progress.begin('events recounted', 5_000);
    progress.add(100);
    pass(4_999);
    progress.add(100);
    expect(taken()).toEqual([]);
    pass(1);
    progress.add(1_050);
    progress.add(1);
    pass(4_999);
    progress.tick();
    expect(taken()).toEqual(['events recounted: 1,250 of 5,000 (25 %), 5 s, about 15 s left\n']);
    pass(1);
    progress.tick();
    progress.add(3_749);
    progress.end();
    expect(taken()).toEqual([
      'events recounted: 1,251 of 5,000 (25 %), 10 s, about 30 s left\n',
      'events recounted: 5,000 of 5,000 (100 %), 10 s\n',
    ]);
  });

  it('says at once what it is doing, and lets others say something', () => {
    const { progress, pass, taken } = start('lines');
    progress.begin('scenarios', 3);
    progress.doing('server kill');
    pass(3_725_000);
    progress.add();
    progress.say('Off: all');
    progress.end();
    expect(taken()).toEqual([
      'scenarios: 0 of 3 (0 %), 0 s – server kill\n',
      'scenarios: 1 of 3 (33 %), 1 h 2 min, about 2 h 4 min left – server kill\n',
      'Off: all\n',
      'scenarios: 1 of 3 (33 %), 1 h 2 min, about 2 h 4 min left\n',
    ]);
  });

  it('says nothing of a step in which nothing was done, and estimates nothing without a total', () => {
    const { progress, pass, taken } = start('lines');
    progress.begin('nothing', 0);
    progress.begin('searching');
    pass(65_000);
    progress.tick();
    progress.add(2);
    progress.end();
    progress.end();
    progress.add();
    progress.doing('nothing');
    progress.tick();
    expect(taken()).toEqual(['searching, 1 min 5 s\n', 'searching: 2, 1 min 5 s\n']);
  });

  it('takes what was found for the total where that was too small', () => {
    const { progress, taken } = start('lines');
    progress.begin('events', 2);
    progress.add(3);
    progress.end();
    expect(taken()).toEqual(['events: 3 of 3 (100 %), 0 s\n']);
  });
});

describe('progress in a terminal', () => {
  it('is redrawn in place, not more than ten times a second, and leaves nothing behind', () => {
    const { progress, pass, taken } = start('redrawn');
    progress.begin('events', 4);
    pass(99);
    progress.add();
    expect(taken()).toEqual([`${CLEAR}events: 0 of 4 (0 %), 0 s`]);
    pass(901);
    progress.tick();
    progress.end();
    progress.end();
    expect(taken()).toEqual([`${CLEAR}events: 1 of 4 (25 %), 1 s, about 3 s left`, CLEAR]);
  });

  it('makes way for a line that stays', () => {
    const { progress, taken } = start('redrawn');
    progress.say('First');
    progress.begin('events');
    progress.say('Off: all');
    expect(taken()).toEqual(['First\n', `${CLEAR}events, 0 s`, CLEAR, 'Off: all\n', `${CLEAR}events, 0 s`]);
  });

  it('is no wider than the terminal', () => {
    const { progress, taken } = start('redrawn', 20);
    progress.begin('events');
    progress.doing('what takes long to say');
    expect(taken().at(-1)).toBe(`${CLEAR}events, 0 s – what…`);
  });

  it.each([undefined, 0])('is 79 characters wide where the terminal says %s', (columns) => {
    const { progress, taken } = start('redrawn', columns);
    progress.begin('x'.repeat(100));
    expect(taken()).toEqual([`${CLEAR}${'x'.repeat(78)}…`]);
  });
});

it('is quiet but for what is said', () => {
  const { progress, pass, taken } = start('quiet');
  progress.begin('events', 2);
  progress.doing('this');
  pass(60_000);
  progress.tick();
  progress.add(2);
  progress.say('Off: all');
  progress.end();
  expect(taken()).toEqual(['Off: all\n']);
});
