import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { itInBrowser } from '../support/chromium.js';
import { runToEnd, type ServerProcess, Workplace } from '../support/server-process.js';
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
    page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
    await page.goto(`${server.api.url}/docs`);

    for (const [operation, example] of [
      ['events-createEvent'],
      ['bookings-book'],
      ['events-createEvent', 'sections'],
      ['bookings-book', 'section'],
      ['bookings-book', 'sections'],
      ['holds-hold', 'section'],
    ] as const) {
      expect([operation, example, await tryOut(page, operation, example), complaints]).toEqual([
        operation,
        example,
        '201',
        [],
      ]);
    }
    for (const operation of [
      'events-listEvents',
      'events-getEvent',
      'events-recountEvent',
      'events-listMovements',
      'events-readSales',
      'bookings-exportBookings',
      'bookings-listBookings',
      'bookings-getBooking',
      'bookings-getBookingHistory',
      'holds-listHolds',
      'holds-getHold',
      'holds-extendHold',
      'holds-settleHold',
      'holds-releaseHold',
      'health-isLive',
      'health-isReady',
    ]) {
      expect([operation, await tryOut(page, operation)]).toEqual([operation, '200']);
    }
    expect(await tryOut(page, 'bookings-cancelBooking', 'section')).toBe('200');
    expect(await tryOut(page, 'bookings-cancelBooking', 'all')).toBe('200');
    for (const example of ['section', 'rename']) expect(await tryOut(page, 'events-editEvent', example)).toBe('200');
    expect(await tryOut(page, 'holds-hold', 'section')).toBe('201');
    expect(await tryOut(page, 'holds-confirmHold')).toBe('201');
    expect(complaints).toEqual([]);
    const { bookings } = (await server.api.get('/bookings')).body;
    expect(bookings.map(({ quantity, status }: { quantity: number; status: string }) => [quantity, status])).toEqual([
      [2, 'confirmed'],
      [3, 'cancelled'],
      [2, 'confirmed'],
      [1, 'confirmed'],
    ]);
  });
});

describe('the documentation, clicked in order', () => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  itInBrowser('walks a purchase and what comes after it', async (browser) => {
    const server = await (await workplace.start(workplace.folder(), { MONGO_URI: freshDatabaseUri() })).ready();
    const page = await browser.newPage();
    await page.goto(`${server.api.url}/docs`);
    for (const [operation, status] of [
      ['events-createEvent', '201'],
      ['holds-hold', '201'],
      ['holds-confirmHold', '201'],
      ['bookings-book', '201'],
      ['bookings-cancelBooking', '200'],
      ['bookings-transferBooking', '409'],
      ['bookings-book', '201'],
      ['bookings-transferBooking', '200'],
      ['bookings-getBookingHistory', '200'],
      ['users-eraseUser', '200'],
      ['events-cancelBookingsOfEvent', '200'],
      ['events-editEvent', '200'],
      ['events-deleteEvent', '409'],
      ['events-createEvent', '201'],
      ['events-deleteEvent', '204'],
    ] as const) {
      expect([operation, await tryOut(page, operation)]).toEqual([operation, status]);
    }
    const prefers = "tr[data-param-name='Prefer'] select";
    expect(await tryOut(page, 'bookings-book', undefined, [prefers, 'respond-async'])).toBe('202');
    expect(await tryOut(page, 'requests-getRequest')).toBe('200');
    const soldOut = await server.api.createEvent({ totalTickets: 1 });
    await server.api.book(soldOut._id);
    for (const [operation, status] of [
      ['waitlist-joinWaitlist', '201'],
      ['waitlist-listWaitlist', '200'],
      ['waitlist-getWaitlistEntry', '200'],
      ['waitlist-leaveWaitlist', '200'],
    ] as const) {
      expect([operation, await tryOut(page, operation)]).toEqual([operation, status]);
    }
  });
});

describe('the documentation under a path, with a key', () => {
  const workplace = new Workplace();
  const environment = { MONGO_URI: freshDatabaseUri(), BASE_PATH: '/tickets' };
  let server: ServerProcess;
  beforeAll(async () => {
    server = await (await workplace.start(workplace.folder(), environment)).ready();
  });
  afterAll(() => workplace.clear());

  const makeKey = async (...scopes: string[]) => {
    const options = [...scopes.flatMap((scope) => ['--scope', scope]), '--name', scopes.join(' and ')];
    const { stdout } = await runToEnd(workplace.folder(), 'dist/cli/keys.js', ['create', ...options], environment);
    return stdout.trim();
  };
  const openDocs = async (browser: Browser, key: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(`${server.api.url}/`);
    expect(page.url()).toBe(`${server.api.url}/docs`);
    await page.locator('.btn.authorize').first().click();
    await page.locator('.auth-container input').fill(key);
    await page.locator('.auth-container .btn.authorize').click();
    await page.locator('.auth-container .btn-done').click();
    return page;
  };

  itInBrowser('its examples work as far as the key goes, and a slash more is the same page', async (browser) => {
    const page = await openDocs(browser, await makeKey('sell', 'operate'));
    expect(await tryOut(page, 'events-createEvent', 'sections')).toBe('201');
    expect(await tryOut(page, 'bookings-book', 'sections')).toBe('201');
    expect(await tryOut(page, 'bookings-cancelBooking', 'section')).toBe('200');
    for (const operation of ['events-getEvent', 'bookings-getBooking', 'events-editEvent', 'health-isReady']) {
      expect([operation, await tryOut(page, operation)]).toEqual([operation, '200']);
    }
    await page.goto(`${server.api.url}/docs/`);
    expect(await tryOut(page, 'health-isLive')).toBe('200');

    const shopsPage = await openDocs(browser, await makeKey('sell'));
    expect(await tryOut(shopsPage, 'bookings-book', 'section')).toBe('201');
    // It may not list bookings, so the example's id stays, and is nobody's.
    expect(await tryOut(shopsPage, 'bookings-getBooking')).toBe('404');
  });
});

/** Opens an operation, chooses one of its examples, executes it. Returns the status that the page shows, or why it has none. */
async function tryOut(
  page: Page,
  operation: string,
  example?: string,
  choice?: [select: string, option: string],
): Promise<string> {
  const block = page.locator(`#operations-${operation}`);
  const summary = block.locator('.opblock-summary-control');
  await summary.click();
  if (example !== undefined) await block.locator('.examples-select select').first().selectOption(example);
  if (choice) await block.locator(choice[0]).selectOption(choice[1]);
  const clear = block.locator('button.btn-clear');
  if (await clear.isVisible()) await clear.click();
  await block.locator('button.execute').click();
  const status = block.locator('.live-responses-table .response .response-col_status').first();
  await status.waitFor();
  const shown = /^\d{3}/.exec((await status.innerText()).trim())?.[0];
  const result = shown ?? (await block.locator('.live-responses-table').innerText());
  // The page renders all that is open again and again.
  await summary.click();
  return result;
}
