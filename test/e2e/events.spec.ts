import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const EUR_45 = { amount: 4500, currency: 'EUR' };
const ID = /^[0-9a-f]{24}$/;

describe('events', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  describe('POST /events/create', () => {
    it("answers the seed's request with the seed's members, and where the event is", async () => {
      const { status, headers, body } = await running.api.post('/events/create', {
        name: 'Concert Night',
        totalTickets: 10,
      });

      expect(status).toBe(201);
      expect(body).toMatchObject({
        success: true,
        event: {
          _id: expect.stringMatching(ID),
          name: 'Concert Night',
          totalTickets: 10,
          availableTickets: 10,
        },
      });
      expect(headers.get('location')).toBe(`/events/${body.event._id}`);
      expect(headers.get('etag')).toBe('"1-1"');
      expect(headers.get('cache-control')).toBe('no-store');
      expect((await running.api.get(headers.get('location')!)).body).toEqual(body);
    });

    it('puts an event on sale that says nothing else, with nothing held or sold', async () => {
      const event = await running.api.createEvent({ totalTickets: 3 });

      expect(event).toEqual({
        _id: expect.stringMatching(ID),
        name: 'Concert Night',
        status: 'on_sale',
        totalTickets: 3,
        availableTickets: 3,
        heldTickets: 0,
        soldTickets: 0,
        sections: [],
        version: 1,
        revision: 1,
        createdAt: new Date(event.createdAt).toISOString(),
      });
    });

    it('sums the capacities of the sections, each with a price of its own', async () => {
      const event = await running.api.createEvent({
        sections: [
          { name: 'Stalls', capacity: 30, price: EUR_45 },
          { name: 'Balcony', capacity: 12 },
        ],
      });

      expect(event).toMatchObject({ totalTickets: 42, availableTickets: 42 });
      expect(event).not.toHaveProperty('price');
      expect(event.sections).toEqual([
        { _id: expect.stringMatching(ID), name: 'Stalls', capacity: 30, availableTickets: 30, price: EUR_45 },
        { _id: expect.stringMatching(ID), name: 'Balcony', capacity: 12, availableTickets: 12 },
      ]);
      expect(new Set([event._id, ...event.sections.map((section: { _id: string }) => section._id)]).size).toBe(3);
    });

    it('takes no sections for an empty list of them, as generated clients send it', async () => {
      expect(await running.api.createEvent({ totalTickets: 2, sections: [] })).toMatchObject({ sections: [] });
      expectProblem(await running.api.post('/events/create', { name: 'N', sections: [] }), 400, 'validation_failed');
      const nothing = { name: 'N', totalTickets: 2, sections: null };
      expectProblem(await running.api.post('/events/create', nothing), 400, 'validation_failed');
    });

    it('keeps a price, free ones too', async () => {
      expect(await running.api.createEvent({ totalTickets: 1, price: EUR_45 })).toHaveProperty('price', EUR_45);
      const free = { amount: 0, currency: 'JPY' };
      expect(await running.api.createEvent({ totalTickets: 1, price: free })).toHaveProperty('price', free);
    });

    it.each(['draft', 'on_sale', 'paused', 'ended', 'cancelled'])('takes the status %s', async (status) => {
      expect(await running.api.createEvent({ totalTickets: 1, status })).toMatchObject({ status });
    });

    it('takes the largest event there may be: a thousand million tickets, 200 sections', async () => {
      const sections = Array.from({ length: 200 }, (_, index) => ({ name: `Section ${index}`, capacity: 5_000_000 }));

      expect(await running.api.createEvent({ sections })).toMatchObject({ totalTickets: 1_000_000_000 });
      expect(await running.api.createEvent({ totalTickets: 1_000_000_000 })).toMatchObject({ sections: [] });
    });

    it.each(['e\u0301', ' \u00e9 '])(
      'refuses sections that a reader can not tell apart: \u00e9 and %j',
      async (name) => {
        const sections = [
          { name: '\u00e9', capacity: 1 },
          { name, capacity: 1 },
        ];

        const answer = await running.api.post('/events/create', { name: 'Concert Night', sections });

        expectProblem(answer, 400, 'validation_failed');
        expect(answer.body.errors[0].pointer).toBe('#/sections');
      },
    );
  });

  describe('GET /events/:id', () => {
    it('tells how many tickets are left, to an id in capitals too', async () => {
      const event = await running.api.createEvent({ totalTickets: 10 });
      await running.api.book(event._id, { quantity: 4 });

      for (const id of [event._id, event._id.toUpperCase()]) {
        const { status, headers, body } = await running.api.get(`/events/${id}`);
        expect(status).toBe(200);
        expect(body).toEqual({ success: true, event: { ...event, availableTickets: 6, soldTickets: 4, revision: 2 } });
        expect(headers.get('cache-control')).toBe('no-cache');
      }
    });

    it('answers 404 for an unknown event and 400 for a malformed id', async () => {
      expectProblem(await running.api.get('/events/67841f2a3b4c5d6e7f809100'), 404, 'event_not_found');
      const malformed = await running.api.get('/events/67841f2a3b4c5d6e7f8g9h0i');
      expectProblem(malformed, 400, 'validation_failed');
      expect(malformed.body.errors[0].pointer).toBe('#/id');
    });

    it.each([
      ['the tag', (etag: string) => etag],
      ['the tag marked weak', (etag: string) => `W/${etag}`],
      ['a list with the tag', (etag: string) => `"0-0", W/${etag} , "7-7"`],
      ['any', () => '*'],
    ])('answers 304 without a body to If-None-Match of %s', async (_what, headerFor) => {
      const event = await running.api.createEvent();
      const etag = (await running.api.get(`/events/${event._id}`)).headers.get('etag')!;

      const answer = await running.api.get(`/events/${event._id}`, { 'if-none-match': headerFor(etag) });

      expect(answer).toMatchObject({ status: 304, body: '' });
      expect(answer.headers.get('etag')).toBe(etag);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    });

    it('answers 200 with another tag once a ticket was sold, or was returned', async () => {
      const event = await running.api.createEvent();
      const read = (etag: string) => running.api.get(`/events/${event._id}`, { 'if-none-match': etag });

      const { body } = await running.api.book(event._id);
      const sold = await read('"1-1"');
      await running.api.post(`/bookings/${body.booking._id}/cancel`);
      const returned = await read(sold.headers.get('etag')!);

      expect([sold.status, sold.headers.get('etag')]).toEqual([200, '"1-2"']);
      expect([returned.status, returned.headers.get('etag')]).toEqual([200, '"1-3"']);
      expect((await read('"1-3"')).status).toBe(304);
      expect((await read('1-3')).status).toBe(200);
    });
  });

  describe('GET /events', () => {
    const pagesOf = async (query: string, betweenPages: () => Promise<unknown> = () => Promise.resolve()) => {
      const pages = [];
      for (let path: string | undefined = `/events?${query}`; path !== undefined;) {
        const { status, headers, body } = await running.api.get(path);
        expect(status).toBe(200);
        pages.push(body);
        const link = /^<(\/events\?[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
        expect(link === undefined).toBe(body.nextCursor === null);
        if (link !== undefined) expect(new URLSearchParams(link.split('?')[1]).get('cursor')).toBe(body.nextCursor);
        path = link;
        await betweenPages();
      }
      return pages;
    };
    const namesOn = (page: { events: { name: string }[] }) => page.events.map((event) => event.name);

    beforeEach(() => running.db.collection('events').deleteMany({}));

    it('lists them newest first, each as it is read by itself', async () => {
      const names = ['first', 'second', 'third'];
      for (const name of names) await running.api.createEvent({ name, totalTickets: 1 });

      const { status, headers, body } = await running.api.get('/events');

      expect(status).toBe(200);
      expect(body).toMatchObject({ success: true, nextCursor: null });
      expect(headers.get('link')).toBeNull();
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(namesOn(body)).toEqual(names.toReversed());
      expect((await running.api.get(`/events/${body.events[0]._id}`)).body.event).toEqual(body.events[0]);
    });

    it('neither skips nor repeats an event while others are made between the pages', async () => {
      const names = Array.from({ length: 7 }, (_, index) => `event ${index}`);
      await Promise.all(names.map((name) => running.api.createEvent({ name, totalTickets: 1 })));

      const pages = await pagesOf('limit=3', () => running.api.createEvent({ name: 'late', totalTickets: 1 }));

      expect(pages.map((page) => page.events.length)).toEqual([3, 3, 1]);
      expect(pages.flatMap(namesOn).sort()).toEqual(names);
    });

    it('neither skips nor repeats one of those that were made in the same millisecond', async () => {
      const names = Array.from({ length: 5 }, (_, index) => `event ${index}`);
      for (const name of names) await running.api.createEvent({ name, totalTickets: 1 });
      await running.db.collection('events').updateMany({}, { $set: { createdAt: new Date() } });

      expect((await pagesOf('limit=2')).flatMap(namesOn)).toEqual(names.toReversed());
    });

    it('ends a list whose last page is full', async () => {
      for (const name of ['first', 'second']) await running.api.createEvent({ name, totalTickets: 1 });

      expect((await pagesOf('limit=2')).map(namesOn)).toEqual([['second', 'first']]);
    });

    it('has 50 on a page that names no limit', async () => {
      await Promise.all(Array.from({ length: 51 }, () => running.api.createEvent()));

      expect((await pagesOf('')).map((page) => page.events.length)).toEqual([50, 1]);
    });

    it('lists only what can be bought with available=true, page by page, and all of them with available=false', async () => {
      const soldOut = await running.api.createEvent({ name: 'sold out', totalTickets: 1 });
      await running.api.book(soldOut._id);
      for (const name of ['one', 'two', 'three']) await running.api.createEvent({ name, totalTickets: 1 });
      for (const status of ['draft', 'paused', 'ended', 'cancelled'])
        await running.api.createEvent({ status, name: status, totalTickets: 1 });

      const pages = await pagesOf('available=true&limit=2');

      expect(pages.map(namesOn)).toEqual([['three', 'two'], ['one']]);
      expect((await pagesOf('available=false')).flatMap(namesOn)).toHaveLength(8);
      expectProblem(await running.api.get(`/events?cursor=${pages[0].nextCursor}`), 400, 'validation_failed');
    });
  });
});
