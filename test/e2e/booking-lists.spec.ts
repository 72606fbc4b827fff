import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const ALL = 3_000;
const EVENT_IDS = [new mongo.ObjectId(), new mongo.ObjectId()];

/** Every third at the same time as the one before: the id decides between them. */
const bookings = Array.from({ length: ALL }, (_, index) => ({
  _id: new mongo.ObjectId(),
  eventId: EVENT_IDS[index % 2]!,
  userId: `user${index % 5}`,
  items: [{ quantity: 1 }],
  quantity: 1,
  status: 'confirmed',
  bookedAt: new Date(Date.UTC(2026, 0, 13) + (index - (index % 3 === 2 ? 1 : 0)) * 1_000),
}));
const newestFirst = bookings.map(({ _id }) => _id.toHexString()).toReversed();

describe('GET /bookings', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
    await running.db.collection('bookings').insertMany(bookings);
  });
  afterAll(() => running.close());

  const list = async (query: string) => {
    const { status, headers, body } = await running.api.get(`/bookings${query}`);
    expect(status).toBe(200);
    return { body, ids: body.bookings.map((booking: { _id: string }) => booking._id), link: headers.get('link') };
  };
  const pagesOf = async (query: string, betweenPages: () => Promise<unknown> = () => Promise.resolve()) => {
    const pages = [];
    for (let next: string | undefined = query; next !== undefined;) {
      const page = await list(next);
      pages.push(page.ids);
      const link = /^<\/bookings(\?[^>]+)>; rel="next"$/.exec(page.link ?? '')?.[1];
      expect(new URLSearchParams(link).get('cursor')).toBe(page.body.nextCursor);
      next = link;
      await betweenPages();
    }
    return pages;
  };
  const idsWhere = (matches: (booking: (typeof bookings)[number]) => boolean) =>
    bookings
      .filter(matches)
      .map(({ _id }) => _id.toHexString())
      .toReversed();

  it('lists all of them, newest first, as the seed does', async () => {
    const { body, ids, link } = await list('');

    expect(body).toEqual({ success: true, bookings: expect.any(Array), nextCursor: null });
    expect(ids).toEqual(newestFirst);
    expect(link).toBeNull();
    expect(body.bookings[0]).toEqual({
      _id: newestFirst[0],
      eventId: bookings.at(-1)!.eventId.toHexString(),
      userId: bookings.at(-1)!.userId,
      items: [{ quantity: 1 }],
      quantity: 1,
      status: 'confirmed',
      bookedAt: bookings.at(-1)!.bookedAt.toISOString(),
    });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['who asks for the headers alone', () => running.api.request('HEAD', '/bookings')],
    ['who goes away while it is sent', () => hangUp(running.api.url, 'data')],
    ['who goes away before it is sent', () => hangUp(running.api.url, 'connect')],
  ])('leaves no cursor open behind %s', async (_who, ask) => {
    for (let time = 0; time < 20; time++) await ask();

    await until('no cursor is open', async () => (await countOpenCursors(running.db)) === 0);
    await list('?limit=1');
  });

  it('lists a booking as it is read by itself', async () => {
    const { body, ids } = await list('?limit=1');

    expect((await running.api.get(`/bookings/${ids[0]}`)).body.booking).toEqual(body.bookings[0]);
  });

  it('lists those of an event, of a user, and of both', async () => {
    const [eventId] = EVENT_IDS;
    const byEvent = idsWhere((booking) => booking.eventId === eventId);
    const byUser = idsWhere((booking) => booking.userId === 'user3');
    const byBoth = idsWhere((booking) => booking.eventId === eventId && booking.userId === 'user3');

    expect((await list(`?eventId=${eventId!.toHexString()}`)).ids).toEqual(byEvent);
    expect((await list(`?eventId=${eventId!.toHexString().toUpperCase()}&limit=3`)).ids).toEqual(byEvent.slice(0, 3));
    expect((await list('?userId=user3')).ids).toEqual(byUser);
    expect((await list(`?userId=user3&eventId=${eventId!.toHexString()}`)).ids).toEqual(byBoth);
    expect((await list('?userId=nobody')).body).toEqual({ success: true, bookings: [], nextCursor: null });
    expect((await list('?userId=nobody&limit=5')).body).toEqual({ success: true, bookings: [], nextCursor: null });
  });

  it('gives everything page by page, nothing skipped or repeated while others are booked in between', async () => {
    const event = await running.api.createEvent({ totalTickets: 1_000 });

    const pages = await pagesOf('?limit=100', () => running.api.book(event._id, { userId: 'late' }));
    await running.db.collection('bookings').deleteMany({ userId: 'late' });

    expect(pages.flat()).toEqual(newestFirst);
    expect(pages.map((page) => page.length)).toEqual(Array.from({ length: ALL / 100 }, () => 100));
  });

  it('keeps the filters from page to page', async () => {
    const [eventId] = EVENT_IDS;

    const pages = await pagesOf(`?eventId=${eventId!.toHexString()}&userId=user3&limit=70`);

    const byBoth = idsWhere((booking) => booking.eventId === eventId && booking.userId === 'user3');
    expect(pages.flat()).toEqual(byBoth);
    expect(pages.length).toBe(Math.ceil(byBoth.length / 70));
  });

  it('goes on from a cursor with 50 to a page where no limit is named', async () => {
    const first = await list('?limit=1');

    expect((await list(`?cursor=${first.body.nextCursor}`)).ids).toEqual(newestFirst.slice(1, 51));
  });

  it('takes a cursor only in the list that gave it', async () => {
    const eventId = EVENT_IDS[0]!.toHexString();
    const queries = ['', `&eventId=${eventId}`, '&userId=user3', `&userId=user3&eventId=${eventId}`];

    for (const query of queries) {
      const { nextCursor } = (await list(`?limit=1${query}`)).body;
      for (const other of queries) {
        const answer = await running.api.get(`/bookings?limit=1${other}&cursor=${nextCursor}`);
        if (other === query) expect(answer.status).toBe(200);
        else expectProblem(answer, 400, 'validation_failed');
      }
      expectProblem(await running.api.get(`/events?limit=1&cursor=${nextCursor}`), 400, 'validation_failed');
    }
  });
});

/** Asks for all bookings, and goes away once it is connected, or has the first of them. */
function hangUp(url: string, when: 'connect' | 'data'): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', reject).on('close', () => resolve());
    socket.write('GET /bookings HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.once(when, () => setTimeout(() => socket.destroy(), when === 'connect' ? 2 : 0));
  });
}

async function countOpenCursors(db: mongo.Db): Promise<number> {
  const cursors = await db.client
    .db('admin')
    .aggregate([{ $currentOp: { idleCursors: true, allUsers: true } }, { $match: { type: 'idleCursor' } }])
    .toArray();
  return cursors.filter(({ ns }) => ns === `${db.databaseName}.bookings`).length;
}
