import { it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/support/chromium.js';

/** A test in a real browser. Without one it is skipped with a message; with `CI=true` it fails. */
export function itInBrowser(promise: string, test: (browser: Browser) => Promise<void>): void {
  const path = findChromium();
  if (path === undefined && process.env['CI'] !== 'true') {
    console.warn(`SKIPPED: "${promise}" needs Chromium (apt-get install chromium, or CHROMIUM_PATH).`);
    it.skip(promise, () => undefined);
    return;
  }
  it(promise, async () => {
    if (path === undefined) throw new Error('there is no Chromium on this machine');
    const browser = await launchChromium(path);
    try {
      await test(browser);
    } finally {
      await browser.close();
    }
  });
}
