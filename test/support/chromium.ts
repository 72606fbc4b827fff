import { existsSync } from 'node:fs';
import { it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

function findChromium(): string | undefined {
  return [process.env['CHROMIUM_PATH'], ...PATHS].find((path) => path !== undefined && existsSync(path));
}

/** A test in a real browser. Without one it is skipped with a message; with `CI=true` it fails. */
export function itInBrowser(promise: string, test: (browser: Browser) => Promise<void>): void {
  const executablePath = findChromium();
  if (executablePath === undefined && process.env['CI'] !== 'true') {
    console.warn(`SKIPPED: "${promise}" needs Chromium (apt-get install chromium, or CHROMIUM_PATH).`);
    it.skip(promise, () => undefined);
    return;
  }
  it(promise, async () => {
    if (executablePath === undefined) throw new Error('there is no Chromium on this machine');
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      await test(browser);
    } finally {
      await browser.close();
    }
  });
}
