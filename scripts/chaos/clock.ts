/** What servers and callers may differ by: half of what wrong clocks are off by, and far more than what is left of that. */
export const CLOCK_TOLERANCE_MS = 1_000;

const ORIGIN = Date.now() - performance.now();

/** The moment on the history's clock. */
export function toHistoryMs(moment: string | Date): number {
  return new Date(moment).getTime() - ORIGIN;
}
