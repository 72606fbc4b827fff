import type { Clock } from '../clock.js';

/** Returns what `work` returns. Throws what it throws, or `late()` after so many milliseconds; the work itself goes on. */
export function withTimeout<Result>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Result>,
  late: () => Error,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const takeBack = clock.after(milliseconds, () => reject(late()));
    void work.then(resolve, reject).finally(takeBack);
  });
}
