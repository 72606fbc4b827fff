import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, isKnown } from './history.js';
import type { Random } from './random.js';

/** So often a caller asks no more: an unknown outcome is left for the end, and "nothing was changed" is taken at its word. */
const SHARE_LEFT = 0.2;
const PAUSE_MS = { from: 50, to: 400 };
const WAIT_STEP_MS = 50;

/** How long a caller waits, and how it deals with answers that are not definite. */
export class Patience {
  constructor(
    private readonly random: Random,
    private readonly isStopped: () => boolean,
  ) {}

  /** Whether all callers have to stop. */
  get isOver(): boolean {
    return this.isStopped();
  }

  /** Asks until the answer is a definite one; undefined where the caller gave up before. */
  async untilKnown(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    for (;;) {
      const answer = await ask();
      if (isKnown({ answer })) return answer;
      if (this.isStopped() || this.random.isChance(SHARE_LEFT)) return undefined;
      await sleep(this.random.integer(PAUSE_MS.from, PAUSE_MS.to));
    }
  }

  /** Waits for the moment, or until all callers have to stop. */
  async waitUntil(atMs: number): Promise<void> {
    while (performance.now() < atMs && !this.isStopped()) {
      await sleep(Math.min(WAIT_STEP_MS, Math.max(0, atMs - performance.now())));
    }
  }
}
