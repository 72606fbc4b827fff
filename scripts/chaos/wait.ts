import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Asks until it is true. Throws with `what` when that takes longer. */
export async function until(what: string, timeoutMs: number, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1_000} s`);
    await sleep(POLL_MS);
  }
}
