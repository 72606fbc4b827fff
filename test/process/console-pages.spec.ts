import { afterEach, describe, expect } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mongo } from 'mongoose';
import { ApiKeysService } from '../../src/platform/auth/index.js';
import { itInBrowser } from '../support/chromium.js';
import { ConsolePage } from '../support/console-page.js';
import { Workplace } from '../support/server-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1_440, height: 900 },
  '4K': { width: 3_840, height: 2_160 },
};

describe('the console in a browser', () => {
  let running: RunningApp | undefined;
  const workplace = new Workplace();
  afterEach(async () => {
    await running?.close();
    running = undefined;
    await workplace.clear();
  });
  const start = async () => (running = await startApp());

  itInBrowser('asks for a key that operates, and forgets it with the tab', async (browser) => {
    const { app, api } = await start();
    const keys = app.get(ApiKeysService);
    const [shop, office] = [await keys.create('shop', ['sell']), await keys.create('office', ['operate'])];
    const view = await ConsolePage.open(browser, api.url);
    await view.sees('Operator’s key');
    expect(await view.faults()).toEqual([]);
    for (const [key, words] of [
      ['nonsense', /key/],
      [shop.token, /does not operate/],
    ] as const) {
      await view.fill('Key', key);
      await view.click('Open the console');
      await view.sees(words, '[role=alert]');
    }
    await view.fill('Key', office.token);
    await view.click('Open the console');
    await view.sees('No event yet');
    await view.page.reload();
    await view.sees('No event yet');
    await keys.revoke(office.key.id);
    await view.sees('The server no longer takes this key.');
    const other = await ConsolePage.open(browser, api.url);
    await other.sees('Operator’s key');
  });

  itInBrowser('finds events among 10,000, with live counts, by one stream for the page', async (browser) => {
    const { api, db } = await start();
    const made = await api.createEvent({ name: 'Opening Night', totalTickets: 500 });
    const [model] = await db.collection('events').find().toArray();
    const many = Array.from({ length: 10_000 }, (_, number) => {
      const createdAt = new Date(Date.parse('2026-01-01T00:00:00Z') + number * 1_000);
      return { ...model, _id: new mongo.ObjectId(), name: `Event ${String(number).padStart(5, '0')}`, createdAt };
    });
    await db.collection('events').insertMany(many);
    const view = await ConsolePage.open(browser, api.url);
    const streams: string[] = [];
    view.page.on('request', (request) => request.url().includes('/availability/stream') && streams.push(request.url()));
    await view.sees('Opening Night');
    await view.sees('Live');
    expect(await view.page.locator('tbody tr').count()).toBe(50);
    await view.click('Next');
    await view.sees('Event 09949');
    await view.sees('Live');
    await view.click('Back');
    await view.sees('Opening Night');

    await view.fill('Search by name', 'event 0004');
    await view.sees('Event 00049');
    await until('only those are there', async () => (await view.page.locator('tbody tr').count()) === 10);
    await view.page.getByLabel('Order').selectOption('name');
    await until(
      'they are sorted',
      async () => (await view.page.locator('tbody a').first().textContent()) === 'Event 00040',
    );
    await view.page.getByLabel('Status').selectOption('paused');
    await view.sees('No event matches');
    await view.page.reload();
    expect(await view.page.getByLabel('Search by name').inputValue()).toBe('event 0004');

    await view.go('#/events?name=opening');
    await view.sees('Opening Night');
    await view.sees('Live');
    await api.book(made._id, { quantity: 7 });
    await view.sees('493', 'td.strong');
    expect(streams.every((url) => new URL(url).searchParams.get('eventIds') !== '')).toBe(true);
    expect(streams.at(-1)).toMatch(new RegExp(`eventIds=${made._id}$`));
    await view.expectNoComplaint();
  });

  itInBrowser('shows an event: counts, curve, answers, latency, holds, waitlist, books', async (browser) => {
    const { api } = await start();
    const sections = [
      { name: 'Stalls', capacity: 6, price: { amount: 4_900, currency: 'EUR' } },
      { name: 'Balcony', capacity: 2 },
    ];
    const event = await api.createEvent({ name: 'Premiere', sections });
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id);
    await api.hold(event._id, { userId: 'holder', sectionId: stalls, quantity: 2 });
    await api.book(event._id, { userId: 'buyer', sectionId: balcony, quantity: 2 });
    for (const userId of ['first waiter', 'second waiter', 'third waiter']) {
      await api.join(event._id, { userId, sectionId: balcony });
    }
    const view = await ConsolePage.open(browser, api.url, `#/events/${event._id}`);
    await view.sees('Balanced');
    await view.sees('holder', '.card');
    await view.sees('3 waiting', '.card');
    const waiters = view.page.getByRole('region', { name: 'Waitlist' }).locator('tbody tr');
    expect(await waiters.allTextContents()).toEqual(['first waiter11', 'second waiter12', 'third waiter13']);
    for (const [name, value] of Object.entries({ Available: '4', Held: '2', Sold: '2', Capacity: '8' })) {
      expect([name, await view.figure(name)]).toEqual([name, value]);
    }
    await view.sees('€49.00');
    await view.page.getByRole('img', { name: /Tickets over time: Capacity 8, Held and sold 4, Sold 2/ }).waitFor();
    await view.click('Since the start');
    await view.page.getByRole('img', { name: /Tickets over time: Capacity 8, Held and sold 4, Sold 2/ }).waitFor();

    await api.book(event._id, { userId: 'late', sectionId: balcony });
    await api.book(event._id, { userId: 'quick', sectionId: stalls });
    await until('the stream has it', async () => (await view.figure('Sold')) === '3');
    await view.sees(/Refused: sold out/);
    await view.click('Recount');
    await view.sees('Balanced');
    await view.expectNoComplaint();
  });

  itInBrowser('suits a phone and a wall, light and dark, and axe', async (browser) => {
    const { api } = await start();
    const event = await api.createEvent({
      name: 'A name that is much longer than most names of events '.repeat(3).trim(),
      totalTickets: 1_000_000,
    });
    await api.book(event._id);
    await api.hold(event._id, { userId: 'u'.repeat(128) });
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        const view = await ConsolePage.open(browser, api.url, '', { colorScheme, viewport });
        await view.sees('Live');
        expect([size, colorScheme, await view.faults(), await view.overflow()]).toEqual([size, colorScheme, [], 0]);
        await view.go(`#/events/${event._id}`);
        await view.sees('Balanced');
        expect([size, colorScheme, await view.faults(), await view.overflow()]).toEqual([size, colorScheme, [], 0]);
        await view.click('Edit');
        await view.page.getByRole('dialog').waitFor();
        expect([size, colorScheme, await view.faults(), await view.overflow()]).toEqual([size, colorScheme, [], 0]);
        await view.page.keyboard.press('Escape');
        await view.expectNoComplaint();
      }
    }
  });

  itInBrowser('says that it is not live while the server is away, and comes back', async (browser) => {
    const environment = { MONGO_URI: freshDatabaseUri() };
    const folder = workplace.folder();
    const first = await (await workplace.start(folder, environment)).ready();
    const event = await first.api.createEvent({ name: 'Concert Night', totalTickets: 10 });
    const view = await ConsolePage.open(browser, first.api.url, `#/events/${event._id}`);
    await view.sees('Live');
    await first.end('SIGKILL');
    await view.sees(/Not live since \d+ s/);
    await view.sees('The event is read again.');
    expect(await view.figure('Available')).toBe('10');
    const port = new URL(first.api.url).port;
    const second = await (await workplace.start(folder, { ...environment, PORT: port })).ready();
    await view.sees('Live');
    await second.api.book(event._id, { quantity: 3 });
    await until('the counts are live again', async () => (await view.figure('Available')) === '7');
  });

  itInBrowser('draws the race', async (browser) => {
    const { api } = await start();
    const race = [
      `${process.cwd()}/scripts/race-test.ts`,
      '--url',
      api.url,
      '--users',
      '300',
      '--tickets',
      '100',
      '--pause',
    ];
    const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', ...race], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    await until('the race waits', () => text.includes('press Enter'));
    const [, hash = ''] = /\/console(#\/events\/[0-9a-f]{24})/.exec(text) ?? [];
    const view = await ConsolePage.open(browser, api.url, hash);
    await view.sees('Live');
    expect([await view.figure('Sold'), text.includes('Success')]).toEqual(['0', false]);
    child.stdin.write('\n');
    await until('all are sold', async () => (await view.figure('Sold')) === '100');
    await view.sees('Sold out.');
    await view.page.getByRole('img', { name: /Answers a second: Booked .*Sold out/ }).waitFor();
    expect([await ended, text]).toEqual([0, expect.stringContaining('✅ Success: 100\n❌ Failed: 200')]);
    await view.expectNoComplaint();
  });
});
