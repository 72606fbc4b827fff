import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { HoldPulse } from '../../src/holds/index.js';
import { expectProblem } from '../support/expect-problem.js';
import { catchUp, type FeedMovement, Mirror, readFeed } from '../support/mirror.js';
import { SkippingClock, withSkippingClock } from '../support/skipping-clock.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const NOBODY = '0'.repeat(24);

describe('GET /events/:id/movements', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({ override: withSkippingClock() });
  });
  afterAll(() => running.close());

  const read = (query = '', id = eventId) => running.api.get(`/events/${id}/movements${query}`);
  const patch = (id: string, body: unknown) => running.api.request('PATCH', `/events/${id}`, body, { 'if-match': '*' });
  const linesOf = (movements: readonly FeedMovement[]) => movements.map(({ lines }) => lines);
  /** Where the event's tickets are by the event itself. */
  const countsOf = async (id: string) => {
    const { availableTickets, heldTickets, soldTickets } = (await running.api.get(`/events/${id}`)).body.event;
    return [availableTickets, heldTickets, soldTickets];
  };
  let eventId: string;

  it('has a movement for each revision that moved tickets, oldest first, with what became of each booking and hold', async () => {
    const { api } = running;
    const event = await api.createEvent({ totalTickets: 10 });
    const { _id: booking } = (await api.book(event._id, { quantity: 3 })).body.booking;
    await patch(event._id, { name: 'Other' });
    await api.post(`/bookings/${booking}/cancel`, { quantity: 1 }, { 'idempotency-key': 'part' });
    await api.post(`/bookings/${booking}/transfer`, { userId: 'ann' });
    const holds = [];
    for (const quantity of [3, 1, 1])
      holds.push((await api.hold(event._id, { quantity, ttlSeconds: 60 })).body.hold._id);
    await api.post(`/holds/${holds[0]}/confirm`, { quantity: 2 });
    await api.post(`/holds/${holds[1]}/release`);
    await patch(event._id, { totalTickets: 12 });
    SkippingClock.of(running).skip(61);
    await running.app.get(HoldPulse).settleSome();
    await api.post(`/bookings/${booking}/cancel`);
    await patch(event._id, { totalTickets: 11 });

    const { status, body, headers } = await read('', event._id);

    expect(status).toBe(200);
    expect(headers.get('link')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(linesOf(body.movements)).toEqual([
      [{ kind: 'opened', quantity: 10 }],
      [{ kind: 'booked', quantity: 3, bookingId: booking }],
      [{ kind: 'cancelled', quantity: 1, bookingId: booking }],
      [{ kind: 'transferred', quantity: 2, bookingId: booking }],
      [{ kind: 'held', quantity: 3, bookingId: holds[0] }],
      [{ kind: 'held', quantity: 1, bookingId: holds[1] }],
      [{ kind: 'held', quantity: 1, bookingId: holds[2] }],
      [
        { kind: 'confirmed', quantity: 2, bookingId: holds[0] },
        { kind: 'released', quantity: 1, bookingId: holds[0] },
      ],
      [{ kind: 'released', quantity: 1, bookingId: holds[1] }],
      [{ kind: 'added', quantity: 2 }],
      [{ kind: 'expired', quantity: 1, bookingId: holds[2] }],
      [{ kind: 'cancelled', quantity: 2, bookingId: booking }],
      [{ kind: 'removed', quantity: 1 }],
    ]);
    // The edit of the name has moved nothing.
    expect(body.movements.map(({ revision }: FeedMovement) => revision)).toEqual([1, 2, 4, ...range(5, 14)]);
    expect(body.movements[0]).toEqual({
      eventId: event._id,
      revision: 1,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      lines: expect.any(Array),
    });
    expect([body.success, body.next, body.hasMore]).toEqual([true, 14, false]);
    const mirror = new Mirror();
    mirror.take(body);
    expect(mirror.counts).toEqual(await countsOf(event._id));
    expect([...mirror.tickets]).toEqual([[holds[0], 2]]);
  });

  describe('of an event with 60 bookings of two sections', () => {
    let sectionIds: string[];
    beforeAll(async () => {
      const event = await running.api.createEvent({
        sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 100 })),
      });
      eventId = event._id;
      sectionIds = event.sections.map(({ _id }: { _id: string }) => _id);
      for (let index = 0; index < 60; index++) {
        await running.api.book(eventId, { sectionId: sectionIds[index % 3 === 0 ? 0 : 1] });
      }
    });

    it.each([1, 7, 30, 61, 100])('gives all of them, each once, %d at a time, by Link and by next', async (limit) => {
      const [seen, pages]: [number[], number[]] = [[], []];
      for (let query: string | undefined = `?limit=${limit}`; query !== undefined;) {
        const { body, headers } = await read(query);
        seen.push(...body.movements.map(({ revision }: FeedMovement) => revision));
        pages.push(body.movements.length);
        const link: string | null = headers.get('link');
        expect([link !== null, body.next]).toEqual([body.hasMore, seen.at(-1)]);
        query = link === null ? undefined : `?limit=${limit}&after=${body.next}`;
        if (query !== undefined) expect(link).toBe(`</events/${eventId}/movements${query}>; rel="next"`);
      }

      expect(seen).toEqual(range(1, 61));
      expect(pages.slice(0, -1).every((count) => count === limit)).toBe(true);
    });

    it('has 50 to a page where no limit is named', async () => {
      const { body } = await read();
      expect([body.movements.length, body.next, body.hasMore]).toEqual([50, 50, true]);
    });

    it('goes on after any revision, and says the same again where there is nothing new', async () => {
      expect((await read('?after=60')).body.movements.map(({ revision }: FeedMovement) => revision)).toEqual([61]);
      for (const after of [61, 1_000, 999_999_999_999_999]) {
        const { body, headers } = await read(`?after=${after}`);
        expect(body).toEqual({ success: true, movements: [], next: after, hasMore: false });
        expect(headers.get('link')).toBeNull();
      }
      expect((await read('?after=0')).body).toEqual((await read()).body);
      expect((await read('', eventId.toUpperCase())).body).toEqual((await read()).body);
    });

    it('adds up to the counts of each section', async () => {
      const mirror = new Mirror();
      await catchUp(running.api, eventId, mirror, 9);
      expect(mirror.counts).toEqual(await countsOf(eventId));
      expect(sectionIds.map((id) => mirror.sections.get(id))).toEqual([
        [80, 0, 20],
        [60, 0, 40],
      ]);
    });

    const refused = ['-1', '1.5', '1e3', '01', ' 1', '', 'x', '0x10', '1000000000000000', '9'.repeat(20), '1&after=2'];
    it.each(refused)('refuses after=%s', async (after) => {
      expectProblem(await read(`?after=${after}`), 400, 'validation_failed');
    });

    it.each(['limit=0', 'limit=101', 'limit=ten', 'cursor=x', 'until=3', 'after[$gt]=1'])(
      'refuses %s',
      async (query) => {
        expectProblem(await read(`?${query}`), 400, 'validation_failed');
      },
    );
  });

  it('leads on from the event as it was read', async () => {
    const { _id } = await running.api.createEvent();
    await running.api.book(_id);
    const { event } = (await running.api.get(`/events/${_id}`)).body;
    const mirror = new Mirror();
    mirror.counts = [event.availableTickets, event.heldTickets, event.soldTickets];
    mirror.next = event.revision;
    const { booking } = (await running.api.book(_id, { quantity: 2 })).body;
    await running.api.post(`/bookings/${booking._id}/cancel`);
    const { booking: kept } = (await running.api.book(_id, { quantity: 3 })).body;

    await catchUp(running.api, _id, mirror);

    expect(mirror.counts).toEqual([6, 0, 4]);
    expect([...mirror.tickets]).toEqual([[kept._id, 3]]);
  });

  it('ends a page early where movements are large, and loses nothing', async () => {
    const { _id } = await running.api.createEvent({ totalTickets: 1_000_000 });
    const large = Array.from({ length: 8 }, (_, index) => ({
      eventId: new mongo.ObjectId(_id),
      revision: index + 2,
      at: new Date(),
      lines: Array.from({ length: 2_000 }, () => ({ kind: 'booked', quantity: 1, bookingId: new mongo.ObjectId() })),
    }));
    await running.db.collection('movements').insertMany(large);

    const pages: [number[], boolean][] = [];
    const mirror = new Mirror();
    do {
      const page = await readFeed(running.api, _id, mirror.next, 100);
      mirror.take(page);
      pages.push([page.movements.map(({ revision }) => revision), page.hasMore]);
    } while (pages.at(-1)![1]);

    expect(pages).toEqual([
      [range(1, 4), true],
      [range(5, 7), true],
      [range(8, 9), false],
    ]);
    expect(mirror.counts).toEqual([1_000_000 - 16_000, 0, 16_000]);
  });

  it('is still there when the event is deleted, and adds up to nothing', async () => {
    const { _id } = await running.api.createEvent({ totalTickets: 5 });
    await running.api.request('DELETE', `/events/${_id}`);
    expectProblem(await running.api.get(`/events/${_id}`), 404, 'event_not_found');

    const { movements, next } = await readFeed(running.api, _id, 0);

    expect(linesOf(movements)).toEqual([[{ kind: 'opened', quantity: 5 }], [{ kind: 'removed', quantity: 5 }]]);
    expect((await read(`?after=${next}`, _id)).body).toMatchObject({ movements: [], next, hasMore: false });
  });

  it('is a 404 for an event that never was, and a 400 for what is no id', async () => {
    for (const query of ['', '?after=5']) expectProblem(await read(query, NOBODY), 404, 'event_not_found');
    expectProblem(await read('', 'x'), 400, 'validation_failed');
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
