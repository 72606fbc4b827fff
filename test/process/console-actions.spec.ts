import { afterEach, describe, expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { itInBrowser } from '../support/chromium.js';
import { ConsolePage } from '../support/console-page.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

describe('acting in the console', () => {
  let running: RunningApp | undefined;
  afterEach(async () => {
    await running?.close();
    running = undefined;
  });
  const start = async () => (running = await startApp()).api;

  itInBrowser('creates an event with sections, edits it, and opens it for sale', async (browser) => {
    const api = await start();
    const view = await ConsolePage.open(browser, api.url);
    await view.click('New event');
    await view.fill('Name', 'Winter Gala');
    await view.fill('Starts', '2027-01-13T19:30');
    await view.fill('Tickets per user', '4');
    await view.click('Add a section');
    const section = view.page.locator('.section').first();
    await section.getByLabel('Name').fill('Stalls');
    await section.getByLabel('Capacity').fill('0');
    await section.getByLabel('Price').fill('49.5');
    await view.click('Create and put on sale');
    await view.sees(/capacity/i, '[role=alert]');
    await section.getByLabel('Capacity').fill('40');
    await view.click('Create and put on sale');
    await view.sees('“Winter Gala” was created, and is on sale.');
    await view.sees('At most 4 per user');
    const { events } = (await api.get('/events')).body;
    expect(events).toMatchObject([
      {
        name: 'Winter Gala',
        startsAt: '2027-01-13T18:30:00.000Z',
        maxTicketsPerUser: 4,
        sections: [{ name: 'Stalls', capacity: 40, price: { amount: 4_950, currency: 'EUR' } }],
      },
    ]);

    await view.click('Edit');
    await view.page.locator('.section').first().getByLabel('Capacity').fill('60');
    await view.fill('Tickets per user', '');
    await view.click('Save');
    await view.sees('“Winter Gala” was saved.');
    await until('the capacity is there', async () => (await view.figure('Capacity')) === '60');
    const { event } = (await api.get(`/events/${events[0]._id}`)).body;
    expect([event.totalTickets, event.maxTicketsPerUser, event.version]).toEqual([60, undefined, 2]);
    await view.expectNoComplaint();
  });

  itInBrowser('shows both versions where somebody else has saved meanwhile', async (browser) => {
    const api = await start();
    const event = await api.createEvent({ name: 'Matinee', totalTickets: 10 });
    const view = await ConsolePage.open(browser, api.url, `#/events/${event._id}`);
    await view.click('Edit');
    await view.fill('Capacity', '30');
    await api.request('PATCH', `/events/${event._id}`, { name: 'Late Matinee', totalTickets: 20 }, { 'if-match': '*' });
    await view.click('Save');
    await view.sees('Somebody else has saved this event');
    const rows = await view.page.locator('.conflict tbody tr').allTextContents();
    expect(rows).toEqual(['NameMatineeLate MatineeMatinee', 'Capacity102030']);
    expect((await api.get(`/events/${event._id}`)).body.event).toMatchObject({
      name: 'Late Matinee',
      totalTickets: 20,
    });
    expect(await view.faults()).toEqual([]);
    await view.click('Put my changes on top');
    await view.click('Save');
    await view.sees('“Late Matinee” was saved.');
    expect((await api.get(`/events/${event._id}`)).body.event).toMatchObject({
      name: 'Late Matinee',
      totalTickets: 30,
    });
  });

  itInBrowser('pauses a sale that runs as fast as it can, and resumes it', async (browser) => {
    const api = await start();
    const event = await api.createEvent({ name: 'Rush', totalTickets: 1_000_000 });
    const view = await ConsolePage.open(browser, api.url, `#/events/${event._id}`);
    await view.sees('Live');
    let isOver = false;
    const answers: number[] = [];
    const buyers = Array.from({ length: 50 }, async (_, buyer) => {
      for (let number = 0; !isOver; number++) {
        const { status } = await api.book(event._id, { userId: `buyer ${buyer} ${number}` });
        answers.push(status);
        // Refusals are quick: the page gets its turn as well.
        if (status !== 201) await new Promise((done) => setTimeout(done, 20));
      }
    });
    await until('it sells', async () => Number((await view.figure('Sold')).replace(',', '')) > 100);
    await view.click('Pause the sale');
    await view.sees('bookings and holds are refused');
    await view.page.getByRole('dialog').getByRole('button', { name: 'Pause the sale' }).click();
    await view.sees('The sale is paused.');
    await view.sees('Paused', '.title');
    const { event: paused } = (await api.get(`/events/${event._id}`)).body;
    expect(paused.status).toBe('paused');
    const before = answers.length;
    await until('they are refused', () => answers.length > before + 100);
    isOver = true;
    await Promise.all(buyers);
    expect(new Set(answers.slice(-50))).toEqual(new Set([409]));
    const { event: later } = (await api.get(`/events/${event._id}`)).body;
    expect(later.soldTickets).toBe(answers.filter((status) => status === 201).length);

    await view.click('Resume the sale');
    await view.page.getByRole('dialog').getByRole('button', { name: 'Resume the sale' }).click();
    await view.sees('The sale goes on.');
    expect((await api.book(event._id)).status).toBe(201);
  });

  itInBrowser('finds a booking, cancels a part, transfers the rest, and saves the list', async (browser) => {
    const api = await start();
    const event = await api.createEvent({ totalTickets: 10 });
    const { booking } = (await api.book(event._id, { userId: 'ann', quantity: 3, reference: 'order-7' })).body;
    const view = await ConsolePage.open(browser, api.url, `#/events/${event._id}`);
    for (const text of [booking._id, 'order-7', 'ann']) {
      await view.fill('Id, reference or user of a booking', text);
      await view.click('Find');
      await view.sees(booking._id, '.bookings');
    }
    await view.click('Cancel…');
    await view.fill(/Tickets, of 3/, '0');
    expect(await view.page.getByRole('button', { name: 'Cancel 0 tickets' }).isDisabled()).toBe(true);
    await view.fill(/Tickets, of 3/, '1');
    await view.fill('Reason, for the history', 'One is ill');
    await view.click('Cancel 1 ticket');
    await view.sees('1 ticket of ann was cancelled.');
    await view.sees('2 of 3', '.bookings');
    await view.click('Transfer…');
    await view.fill('New user', 'bob');
    await view.click('Transfer');
    await view.sees('The booking of ann belongs to bob now.');
    const { history } = (await api.get(`/bookings/${booking._id}/history`)).body;
    expect(history.map(({ kind, reason }: { kind: string; reason?: string }) => [kind, reason])).toEqual([
      ['booked', undefined],
      ['cancelled', 'One is ill'],
      ['transferred', undefined],
    ]);
    await view.fill('Id, reference or user of a booking', 'nobody');
    await view.click('Find');
    await view.sees('No booking of this event');

    const saving = view.page.waitForEvent('download');
    await view.click('CSV');
    const file = await saving;
    expect(file.suggestedFilename()).toBe(`bookings-${event._id}.csv`);
    expect(readFileSync(await file.path(), 'utf8')).toContain(`${booking._id},bob,confirmed`);
    await view.expectNoComplaint();
  });

  itInBrowser('ends a sale, and cancels an event with its bookings', async (browser) => {
    const api = await start();
    const event = await api.createEvent({ totalTickets: 10 });
    for (const userId of ['ann', 'bob']) await api.book(event._id, { userId });
    const view = await ConsolePage.open(browser, api.url, `#/events/${event._id}`);
    await view.click('End');
    await view.click('End the sale');
    await view.sees('The sale has ended.');
    await view.sees('Ended', '.title');
    await view.click('Cancel event');
    // What can't be taken back has not the focus.
    expect(await view.page.evaluate('document.activeElement.textContent')).toBe('Not now');
    await view.page.getByLabel('Cancel all bookings').check();
    await view.fill('Reason, for the history of each booking', 'Storm');
    await view.click('Cancel the event');
    await view.sees('The event is cancelled, with 2 bookings.');
    const { event: cancelled } = (await api.get(`/events/${event._id}`)).body;
    expect(cancelled).toMatchObject({ status: 'cancelled', soldTickets: 0, availableTickets: 10 });
    expect(await view.page.getByRole('button', { name: 'Cancel event' }).count()).toBe(0);
  });

  itInBrowser('says what was refused, in the words of the server', async (browser) => {
    const api = await start();
    const event = await api.createEvent({ totalTickets: 10 });
    await api.book(event._id, { quantity: 5 });
    const view = await ConsolePage.open(browser, api.url, `#/events/${event._id}`);
    await view.click('Edit');
    await view.fill('Capacity', '3');
    await view.click('Save');
    const answer = await api.request('PATCH', `/events/${event._id}`, { totalTickets: 3 }, { 'if-match': '*' });
    await view.sees(answer.body.detail, '[role=alert]');
    await view.fill('Capacity', '5');
    await view.click('Save');
    await view.sees('was saved.');
  });
});
