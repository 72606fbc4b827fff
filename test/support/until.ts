const POLL_MS = 5;

/**
 * Waits until something is true. Throws with its name after `timeoutMs`, so that a test does not hang without a word:
 * far more time than a slow machine needs, and never what a test judges.
 */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
