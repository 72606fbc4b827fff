import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Answer } from '../support/api.js';
import { findImbalances } from '../support/check-books.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const UNKNOWN_ID = '67842a1b2c3d4e5f60718293';
const PRICE = { amount: 4500, currency: 'EUR' };

let running: RunningApp;
beforeAll(async () => {
  running = await startApp();
});
afterAll(async () => {
  expect(await findImbalances(running.db)).toEqual([]);
  await running.close();
});

const edit = (
  id: string,
  patch: unknown,
  ifMatch: string | null = '*',
  more: Record<string, string> = {},
): Promise<Answer> =>
  running.api.request('PATCH', `/events/${id}`, patch, { ...(ifMatch !== null && { 'if-match': ifMatch }), ...more });
const remove = (id: string) => running.api.request('DELETE', `/events/${id}`);
const read = async (id: string) => (await running.api.get(`/events/${id}`)).body.event;
const create = (body: Record<string, unknown> = { totalTickets: 10 }) => running.api.createEvent(body);
const createWithSections = () =>
  create({
    sections: [
      { name: 'Stalls', capacity: 5, price: PRICE },
      { name: 'Balcony', capacity: 5 },
    ],
  });
const isBalanced = async (id: string) => (await running.api.get(`/events/${id}/integrity`)).body.balanced;

describe('PATCH /events/:id', () => {
  it('changes what it names, removes what is null, and leaves the rest', async () => {
    const event = await create({
      totalTickets: 10,
      maxTicketsPerUser: 4,
      reference: 'show-17',
      metadata: { hall: 'A', level: '2' },
      startsAt: '2099-01-13T19:30:00+01:00',
    });
    expect(event).toMatchObject({
      startsAt: '2099-01-13T18:30:00.000Z',
      reference: 'show-17',
      metadata: { hall: 'A', level: '2' },
    });

    const patch = {
      name: 'Matinee',
      maxTicketsPerUser: null,
      metadata: { hall: 'B', level: null, door: '7' },
      price: PRICE,
    };
    const { status, headers, body } = await edit(event._id, patch);

    expect(status).toBe(200);
    const { maxTicketsPerUser: _, ...rest } = event;
    expect(body).toEqual({
      success: true,
      event: { ...rest, name: 'Matinee', metadata: { hall: 'B', door: '7' }, price: PRICE, version: 2, revision: 2 },
    });
    expect(headers.get('etag')).toBe('"2-2"');
    expect(await read(event._id)).toEqual(body.event);
    expect((await edit(event._id, { price: { amount: 100 }, metadata: null })).body.event).toMatchObject({
      price: { amount: 100, currency: 'EUR' },
      version: 3,
    });
    expect(await read(event._id)).not.toHaveProperty('metadata');
  });

  it('takes both media types', async () => {
    const { _id } = await create();
    const patch = await edit(_id, { name: 'Matinee' }, '*', { 'content-type': 'application/merge-patch+json' });
    expect(patch.body.event.name).toBe('Matinee');
    const post = await running.api.post(
      '/book',
      { eventId: _id, userId: 'ann' },
      { 'content-type': 'application/merge-patch+json' },
    );
    expectProblem(post, 415, 'unsupported_media_type');
    expectProblem(await edit(_id, 'x', '*', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
  });

  it('asks for the version that was read, which no sale changes', async () => {
    const { _id } = await create();
    await running.api.book(_id);
    expectProblem(await edit(_id, { name: 'Matinee' }, null), 428, 'precondition_required');
    expectProblem(await edit(_id, { name: 'Matinee' }, 'one'), 400, 'validation_failed');
    expect((await edit(_id, { name: 'Matinee' }, '"1-1"')).status).toBe(200);
    expectProblem(await edit(_id, { name: 'Late Night' }, '"1-1"'), 412, 'precondition_failed');
    expect((await edit(_id, { name: 'Late Night' }, 'W/"1-9", W/"2-3"')).body.event).toMatchObject({
      name: 'Late Night',
      version: 3,
    });
    expectProblem(await edit(UNKNOWN_ID, { name: 'Matinee' }), 404, 'event_not_found');
    expectProblem(await edit('nine', { name: 'Matinee' }), 400, 'validation_failed');
  });

  it('takes an empty patch, but not none', async () => {
    const { _id } = await create();
    expect((await edit(_id, {})).status).toBe(200);
    for (const body of [undefined, '']) expectProblem(await edit(_id, body), 400, 'malformed_body');
  });

  it('changes nothing where nothing changes', async () => {
    const event = await createWithSections();
    const [{ _id: section }] = event.sections;
    const same = {
      name: event.name,
      status: 'on_sale',
      reference: null,
      sections: [{ _id: section, capacity: 5, price: { amount: 4500 } }],
    };
    for (const patch of [{}, same]) expect((await edit(event._id, patch)).body.event).toEqual(event);
  });

  it('makes a change that another server has undone, though it changes nothing of what this one remembers', async () => {
    const { _id } = await create();
    await edit(_id, { status: 'paused' });
    const other = await startApp({ uri: running.uri });
    await other.api.request('PATCH', `/events/${_id}`, { status: 'on_sale' }, { 'if-match': '*' });
    await other.close();
    expectProblem(await edit(_id, { status: 'paused' }, '"2-2"'), 412, 'precondition_failed');
    await edit(_id, { status: 'paused' });
    expect(await read(_id)).toMatchObject({ status: 'paused', version: 4 });
  });

  it.each([
    ['a name that is null', { name: null }],
    ['a status that is none', { status: 'sold' }],
    ['no tickets', { totalTickets: 0 }],
    ['text for a number', { totalTickets: '5' }],
    ['an unknown member', { soldTickets: 1 }],
    ['sections of an event that has none', { sections: [{ name: 'Boxes', capacity: 1 }] }],
    ['half a price', { price: { amount: 5 } }],
    ['a time without an offset', { startsAt: '2099-01-01T00:00:00' }],
    ['a time after the last year', { startsAt: '9999-12-31T23:59:59-23:59' }],
    ['a sale that ends before it starts', { salesStartAt: '2099-01-02T00:00:00Z', salesEndAt: '2099-01-01T00:00:00Z' }],
    ['metadata of something else', { metadata: { level: 5 } }],
    ['too much metadata', { metadata: Object.fromEntries(Array.from({ length: 11 }, (_, key) => [`key${key}`, 'x'])) }],
    ['a limit of none', { maxTicketsPerUser: 0 }],
  ])('refuses %s, and changes nothing', async (_what, patch) => {
    const event = await create();
    expectProblem(await edit(event._id, patch), 400, 'validation_failed');
    expect(await read(event._id)).toEqual(event);
  });

  it('leaves the answer to the key of the event as it was', async () => {
    const key = { 'idempotency-key': `create-${Date.now()}` };
    const body = {
      name: 'Concert Night',
      sections: [{ name: 'Stalls', capacity: 5, price: PRICE }],
      maxTicketsPerUser: 3,
    };
    const first = await running.api.post('/events/create', body, key);
    const { _id, sections } = first.body.event;
    await edit(_id, {
      name: 'Matinee',
      status: 'paused',
      maxTicketsPerUser: null,
      sections: [{ name: 'Boxes', capacity: 2 }],
    });
    await edit(_id, { sections: [{ _id: sections[0]._id, capacity: 1, name: 'Floor', price: null }] });

    const again = await running.api.post('/events/create', body, key);

    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('the capacity', () => {
  it('grows and shrinks down to what is held and sold, and no further', async () => {
    const { _id } = await create();
    await running.api.book(_id, { quantity: 4 });
    await running.api.hold(_id, { quantity: 2 });

    expect((await edit(_id, { totalTickets: 20 })).body.event).toMatchObject({
      totalTickets: 20,
      availableTickets: 14,
    });
    expect((await edit(_id, { totalTickets: 6 })).body.event).toMatchObject({
      totalTickets: 6,
      availableTickets: 0,
      heldTickets: 2,
      soldTickets: 4,
    });
    const refused = await edit(_id, { totalTickets: 5 });
    expectProblem(refused, 409, 'capacity_in_use');
    expect(refused.body.detail).toContain('6 tickets');
    expectProblem(await running.api.book(_id), 409, 'sold_out');
    expect((await edit(_id, { totalTickets: 7 })).status).toBe(200);
    expect((await running.api.book(_id)).status).toBe(201);
    expect(await isBalanced(_id)).toBe(true);
  });

  it('of sections changes section by section; sections come and go', async () => {
    const event = await createWithSections();
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id) as [string, string];
    await running.api.book(event._id, { sectionId: stalls, quantity: 3 });

    const sections = [
      { _id: stalls.toUpperCase(), capacity: 3, name: 'Floor' },
      { name: 'Boxes', capacity: 2, price: PRICE },
    ];
    const { body } = await edit(event._id, { sections });
    expect(body.event).toMatchObject({ totalTickets: 10, availableTickets: 7, soldTickets: 3 });
    expect(body.event.sections).toEqual([
      { _id: stalls, name: 'Floor', capacity: 3, availableTickets: 0, price: PRICE },
      { _id: balcony, name: 'Balcony', capacity: 5, availableTickets: 5 },
      { _id: expect.any(String), name: 'Boxes', capacity: 2, availableTickets: 2, price: PRICE },
    ]);
    expect(await read(event._id)).toEqual(body.event);
    expect(
      (await running.api.book(event._id, { sectionId: body.event.sections[2]._id })).body.booking.items[0].price,
    ).toEqual(PRICE);

    const removed = await edit(event._id, {
      sections: [
        { _id: balcony, remove: true },
        { _id: stalls, price: null },
      ],
    });
    expect(removed.body.event.sections).toEqual([
      { _id: stalls, name: 'Floor', capacity: 3, availableTickets: 0 },
      { _id: expect.any(String), name: 'Boxes', capacity: 2, availableTickets: 1, price: PRICE },
    ]);
    expectProblem(await running.api.book(event._id, { sectionId: balcony }), 404, 'section_not_found');
    expectProblem(await edit(event._id, { sections: [{ _id: balcony, name: 'Circle' }] }), 404, 'section_not_found');
    expectProblem(await edit(event._id, { sections: [{ _id: stalls, capacity: 2 }] }), 409, 'capacity_in_use');
    expect(await isBalanced(event._id)).toBe(true);
  });

  it('of a section that was ever sold can not go to nothing', async () => {
    const event = await createWithSections();
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id) as [string, string];
    const { booking } = (await running.api.book(event._id, { sectionId: stalls })).body;
    await running.api.post(`/bookings/${booking._id}/cancel`);
    const { hold } = (await running.api.hold(event._id, { sectionId: balcony })).body;
    for (const _id of [stalls, balcony]) {
      expectProblem(await edit(event._id, { sections: [{ _id, remove: true }] }), 409, 'section_in_use');
    }
    await running.api.post(`/holds/${hold._id}/release`);
    expectProblem(await edit(event._id, { sections: [{ _id: balcony, remove: true }] }), 409, 'section_in_use');
  });

  it.each([
    ['a total beside them', () => ({ totalTickets: 10 })],
    ['a price beside them', () => ({ price: PRICE })],
    ['a new one without a name', () => ({ sections: [{ capacity: 5 }] })],
    ['a new one without a capacity', () => ({ sections: [{ name: 'Boxes' }] })],
    ['a new one that is removed', () => ({ sections: [{ name: 'Boxes', capacity: 1, remove: true }] })],
    ['a name that is there', () => ({ sections: [{ name: 'stalls', capacity: 1 }] })],
    [
      'one that is named twice',
      (ids: string[]) => ({
        sections: [
          { _id: ids[0], capacity: 6 },
          { _id: ids[0], capacity: 7 },
        ],
      }),
    ],
    [
      'one that is removed and changed',
      (ids: string[]) => ({ sections: [{ _id: ids[0], remove: true, capacity: 7 }] }),
    ],
    ['all of them removed', (ids: string[]) => ({ sections: ids.map((_id) => ({ _id, remove: true })) })],
    ['half a price', (ids: string[]) => ({ sections: [{ _id: ids[1], price: { amount: 5 } }] })],
  ])('of sections refuses %s', async (_what, patch) => {
    const event = await createWithSections();
    const ids = event.sections.map(({ _id }: { _id: string }) => _id) as string[];
    expectProblem(await edit(event._id, patch(ids)), 400, 'validation_failed');
    expect(await read(event._id)).toEqual(event);
  });
});

describe('the sale', () => {
  it('is paused, goes on and ends; a hold is confirmed all the same', async () => {
    const { _id } = await create();
    const holds = [await running.api.hold(_id), await running.api.hold(_id)].map(({ body }) => body.hold._id);
    await edit(_id, { status: 'paused' });
    expectProblem(await running.api.book(_id), 409, 'not_on_sale');
    expect((await running.api.post(`/holds/${holds[0]}/confirm`)).status).toBe(201);
    await edit(_id, { status: 'on_sale' });
    expect((await running.api.book(_id)).status).toBe(201);
    await edit(_id, { status: 'ended' });
    expect((await running.api.post(`/holds/${holds[1]}/confirm`)).status).toBe(201);
    await edit(_id, { status: 'on_sale' });
    expect((await running.api.book(_id)).status).toBe(201);
  });

  it('has states that do not follow each other', async () => {
    const illegal: [string, string[]][] = [
      ['draft', ['paused', 'ended']],
      ['on_sale', ['draft']],
      ['paused', ['draft']],
      ['ended', ['draft', 'paused']],
      ['cancelled', ['draft', 'on_sale', 'paused', 'ended']],
    ];
    for (const [from, states] of illegal) {
      const { _id } = await create({ totalTickets: 1, status: from });
      for (const to of states) {
        const answer = await edit(_id, { status: to });
        expectProblem(answer, 409, 'wrong_state');
        expect(answer.body.message).toBe(`An event that is ${from} can not become ${to}`);
      }
    }
  });

  it('has a beginning and an end', async () => {
    const later = await create({ totalTickets: 5, salesStartAt: '2099-01-01T00:00:00Z' });
    const answer = await running.api.book(later._id);
    expectProblem(answer, 409, 'sale_not_started');
    expect(answer.body.detail).toContain('2099-01-01T00:00:00.000Z');
    expectProblem(await running.api.hold(later._id), 409, 'sale_not_started');
    await edit(later._id, { salesStartAt: null });
    expect((await running.api.book(later._id)).status).toBe(201);
    const { hold } = (await running.api.hold(later._id)).body;
    await edit(later._id, { salesEndAt: '2020-01-01T00:00:00Z' });
    expectProblem(await running.api.book(later._id), 409, 'sale_ended');
    expectProblem(await running.api.hold(later._id), 409, 'sale_ended');
    expect((await running.api.post(`/holds/${hold._id}/confirm`)).status).toBe(201);
  });

  it('has limits for a booking and for a user, which count what was bought before', async () => {
    const { _id } = await create({ totalTickets: 20, maxTicketsPerBooking: 3 });
    expectProblem(await running.api.book(_id, { quantity: 4 }), 409, 'booking_limit_reached');
    expectProblem(await running.api.hold(_id, { quantity: 4 }), 409, 'booking_limit_reached');
    expect((await running.api.book(_id, { quantity: 3 })).status).toBe(201);
    await edit(_id, { maxTicketsPerUser: 4, maxTicketsPerBooking: null });
    expectProblem(await running.api.book(_id, { quantity: 2 }), 409, 'user_limit_reached');
    expect((await running.api.book(_id)).status).toBe(201);
    await edit(_id, { maxTicketsPerUser: null });
    expect((await running.api.book(_id, { quantity: 5 })).status).toBe(201);
    await edit(_id, { maxTicketsPerUser: 9 });
    expectProblem(await running.api.book(_id), 409, 'user_limit_reached');
  });
});

describe('an event that is cancelled', () => {
  it('gives its holds up, and every payment back', async () => {
    const { _id } = await create();
    const holds = [];
    for (const userId of ['ann', 'bob'])
      holds.push((await running.api.hold(_id, { userId, quantity: 2 })).body.hold._id);
    await edit(_id, { status: 'cancelled' });

    expectProblem(
      await running.api.post(`/holds/${holds[0]}/confirm`, { paymentReference: `pay-${holds[0]}` }),
      409,
      'wrong_state',
    );
    expect((await running.api.get(`/holds/${holds[0]}`)).body.hold).toMatchObject({
      status: 'released',
      settlement: 'refund_due',
    });
    await until('the holds are given back', async () => (await read(_id)).heldTickets === 0);
    expect((await running.api.get(`/holds/${holds[1]}`)).body.hold).toMatchObject({ status: 'released' });
    expect(await isBalanced(_id)).toBe(true);
  });
});

describe('DELETE /events/:id', () => {
  it('deletes an event that nobody has used; its movements stay, and add up to nothing', async () => {
    const event = await createWithSections();
    const answer = await remove(event._id);
    expect([answer.status, answer.body]).toEqual([204, '']);
    expectProblem(await running.api.get(`/events/${event._id}`), 404, 'event_not_found');
    expectProblem(await running.api.book(event._id, { sectionId: event.sections[0]._id }), 404, 'event_not_found');
    expectProblem(await remove(event._id), 404, 'event_not_found');
    const movements = await running.db
      .collection('movements')
      .find({ eventId: new mongo.ObjectId(event._id) })
      .sort({ revision: 1 })
      .toArray();
    expect(
      movements.map(({ lines }) => lines.map(({ kind, quantity }: mongo.Document) => `${kind} ${quantity}`)),
    ).toEqual([
      ['opened 5', 'opened 5'],
      ['removed 5', 'removed 5'],
    ]);
  });

  it('refuses where there is a booking or a hold, whatever became of it', async () => {
    const [booked, held] = [await create(), await create()];
    const { booking } = (await running.api.book(booked._id)).body;
    await running.api.post(`/bookings/${booking._id}/cancel`);
    const { hold } = (await running.api.hold(held._id)).body;
    await running.api.post(`/holds/${hold._id}/release`);
    for (const { _id } of [booked, held]) {
      expectProblem(await remove(_id), 409, 'event_in_use');
      expect((await read(_id)).availableTickets).toBe(10);
    }
    expectProblem(await remove('nine'), 400, 'validation_failed');
    const { _id } = await create({ totalTickets: 3, status: 'draft' });
    expect((await remove(_id)).status).toBe(204);
  });
});
