import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { itInBrowser } from '../support/chromium.js';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

describe('the documentation in a browser', () => {
  const workplace = new Workplace();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
  });
  afterAll(() => workplace.clear());

  itInBrowser('tries every example as it stands, under the strict content security policy', async (browser) => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${server.api.url}/docs`);

    expect(await tryOut(page, 'events-createEvent')).toBe('201');
    expect(await tryOut(page, 'bookings-book')).toBe('201');
    expect(await tryOut(page, 'events-createEvent', 'sections')).toBe('201');
    expect(await tryOut(page, 'bookings-book', 'section')).toBe('201');
    expect(await tryOut(page, 'bookings-book', 'sections')).toBe('201');
    for (const operation of [
      'events-listEvents',
      'events-getEvent',
      'events-recountEvent',
      'bookings-listBookings',
      'bookings-getBooking',
      'bookings-cancelBooking',
      'health-isLive',
      'health-isReady',
    ]) {
      expect([operation, await tryOut(page, operation)]).toEqual([operation, '200']);
    }
    expect(complaints).toEqual([]);
    const { bookings } = (await server.api.get('/bookings')).body;
    expect(bookings.map(({ quantity, status }: { quantity: number; status: string }) => [quantity, status])).toEqual([
      [3, 'cancelled'],
      [2, 'confirmed'],
      [1, 'confirmed'],
    ]);
  });
});

/** Opens an operation, chooses one of its examples, executes it. Returns the status that the page shows. */
async function tryOut(page: Page, operation: string, example?: string): Promise<string> {
  const block = page.locator(`#operations-${operation}`);
  await block.waitFor();
  if (!(await block.evaluate((element) => element.classList.contains('is-open')))) {
    await block.locator('.opblock-summary-control').click();
  }
  if (example !== undefined) await block.locator('.examples-select select').first().selectOption(example);
  const clear = block.locator('button.btn-clear');
  if (await clear.isVisible()) await clear.click();
  await block.locator('button.execute').click();
  const status = block.locator('.live-responses-table .response .response-col_status').first();
  await status.waitFor();
  return (await status.innerText()).trim().slice(0, 3);
}
