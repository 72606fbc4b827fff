import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { HeldLaneFactory, withHeldLanes, withoutBatches, withoutMercy, withoutOrder } from '../support/lanes.js';
import { bookedOf, checkAcknowledged, checkAnswers, claim, compare, itHolds, times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { countCommands, watchCommands, watchedUri } from '../support/watch-commands.js';

const BATCHES = { without: 'batches', override: withoutBatches };
const ORDER = { without: 'the order of arrival', override: withoutOrder };
const MERCY = { without: 'a second try for the neighbours', override: withoutMercy };

const watched = () => ({ uri: watchedUri() });
const held = () => ({ uri: watchedUri(), override: withHeldLanes() });

describe('200 callers at the same time', () => {
  itHolds(
    'on one event, are booked in less than half as many commits',
    async (running) => {
      const event = await running.api.createEvent({ totalTickets: 500 });
      const sent = watchCommands(running);
      const answers = await Promise.all(times(200, () => running.api.bookUntilAnswered(event._id)));
      return [...checkCommits(sent, 1, 99), ...(await checkBooked(running, answers))];
    },
    [BATCHES],
    watched,
  );

  itHolds(
    'on 50 events, are booked in less than half as many commits',
    async (running) => {
      const events = await Promise.all(times(50, () => running.api.createEvent({ totalTickets: 10 })));
      const sent = watchCommands(running);
      const answers = await Promise.all(times(200, (caller) => running.api.bookUntilAnswered(events[caller % 50]._id)));
      return [...checkCommits(sent, 1, 99), ...(await checkBooked(running, answers))];
    },
    [BATCHES],
    watched,
  );
});

it('one caller after the other pays one commit each, and waits for nobody', async () => {
  const running = await startApp(watched());
  try {
    const event = await running.api.createEvent({ totalTickets: 20 });
    await running.api.book(event._id);
    const sent = watchCommands(running);

    for (let caller = 1; caller <= 10; caller++) expect((await running.api.book(event._id)).status).toBe(201);

    expect(countCommands(sent, 'commitTransaction')).toBe(10);
    expect(new Set(sent)).toEqual(
      new Set(['update events', 'insert movements', 'insert bookings', 'commitTransaction']),
    );
    expect(sent).toHaveLength(40);
  } finally {
    await running.close();
  }
});

describe('what waits for a commit that is under way', () => {
  itHolds(
    'is one more commit, of 50 events and 150 callers',
    async (running) => {
      const events = await Promise.all(times(50, () => running.api.createEvent({ totalTickets: 10 })));
      const { answers, sent } = await inOneBatch(
        running,
        'at once',
        times(150, (caller) => () => running.api.book(events[caller % 50]._id)),
      );
      return [...checkCommits(sent, 2, 2), ...(await checkBooked(running, answers))];
    },
    [BATCHES],
    held,
  );

  itHolds(
    'is served in the order of arrival, on each of its events',
    async (running) => {
      const events = await Promise.all(times(3, () => running.api.createEvent({ totalTickets: 5 })));
      const { answers } = await inOneBatch(
        running,
        'one by one',
        times(30, (caller) => () => running.api.book(events[caller % 3]._id, { userId: `user${caller}` })),
      );
      const served = answers.map(({ status }) => status);
      return [
        ...claim(`the first 15 of 30 have the tickets: ${served}`, `${served}` === `${inOrder(15, 201, 15, 409)}`),
        ...(await checkAnswers(running, answers)),
      ];
    },
    [ORDER],
    held,
  );

  itHolds(
    'gets an outcome each: what one of them wants is nothing to the others',
    async (running) => {
      const { api, db } = running;
      const [plain, sectioned, soldOut, limited, paused] = await Promise.all([
        api.createEvent({ totalTickets: 3 }),
        api.createEvent({ sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 2 })) }),
        api.createEvent({ totalTickets: 1 }),
        api.createEvent({ totalTickets: 10, maxTicketsPerUser: 1 }),
        api.createEvent({ totalTickets: 10, status: 'paused' }),
      ]);
      const last = (await api.book(soldOut._id)).body.booking._id;
      const before = await api.bookOnce(plain._id, 'before');
      const nowhere = '67841f2a3b4c5d6e7f809100';
      const [stalls, balcony] = sectioned.sections;
      const wholeBalcony = () => api.book(sectioned._id, { sectionId: balcony._id, quantity: 2 });
      const returned = (await wholeBalcony()).body.booking._id;
      const [key, used] = [{ 'idempotency-key': 'new' }, { 'idempotency-key': 'before' }];
      const wishes: [expected: string, send: () => Promise<Answer>][] = [
        ['201 confirmed', () => api.book(plain._id, {}, key)],
        ['404 section_not_found', () => api.book(plain._id, { sectionId: nowhere })],
        ['201 confirmed replayed', () => api.book(plain._id, {}, key)],
        ['422 idempotency_key_reused', () => api.book(plain._id, { userId: 'bob' }, key)],
        ['400 section_required', () => api.book(sectioned._id)],
        ['201 confirmed', () => api.book(sectioned._id, { sectionId: stalls._id, quantity: 2 })],
        ['409 sold_out', () => api.book(sectioned._id, { sectionId: stalls._id })],
        ['404 event_not_found', () => api.book(nowhere)],
        ['409 sold_out', () => api.book(soldOut._id)],
        ['200 cancelled', () => api.post(`/bookings/${last}/cancel`)],
        ['200 cancelled', () => api.post(`/bookings/${last}/cancel`)],
        ['201 confirmed', () => api.book(soldOut._id)],
        ['201 confirmed replayed', () => api.book(plain._id, {}, used)],
        ['409 not_enough_tickets', () => api.book(plain._id, { quantity: 2 })],
        ['201 confirmed', () => api.book(limited._id)],
        ['409 user_limit_reached', () => api.book(limited._id)],
        ['201 confirmed', () => api.book(limited._id, { userId: 'bob' })],
        ['409 not_on_sale', () => api.book(paused._id)],
        ['201 confirmed', () => api.book(plain._id)],
        ['200 cancelled', () => api.post(`/bookings/${returned}/cancel`)],
        ['201 confirmed', wholeBalcony],
      ];

      const { answers, sent } = await inOneBatch(
        running,
        'one by one',
        wishes.map(([, send]) => send),
      );

      return [
        ...wishes.flatMap(([expected], wish) => same(`wish ${wish}`, expected, verdictOf(answers[wish]!))),
        ...same('the key of the batch', idOf(answers[0]!), idOf(answers[2]!)),
        ...same('the key used before', idOf(before), idOf(answers[12]!)),
        ...checkCommits(sent, 2, 2),
        ...compare('tickets sold', 3, await countSold(db, plain._id)),
      ];
    },
    [ORDER],
    held,
  );

  itHolds(
    'is booked, when a neighbour meets books that contradict themselves',
    async (running) => {
      const { api, db } = running;
      const sections = [{ name: 'Stalls', capacity: 10 }];
      const [guarded, refused, haunted, ...healthy] = await Promise.all(
        times(12, (index) => api.createEvent(index < 2 ? { sections } : { totalTickets: 10 })),
      );
      // The event has none where its section has ten; and a section has fewer than the event knows.
      await contradict(db, guarded._id, { availableTickets: 0, soldTickets: 10 });
      await contradict(db, refused._id, { 'sections.0.availableTickets': 9 });
      // A booking of tickets that were never sold.
      const ghost = await plantBooking(db, haunted._id, 5);
      const bad = [
        () => api.book(guarded._id, { sectionId: guarded.sections[0]._id }),
        () => api.book(refused._id, { sectionId: refused.sections[0]._id }),
        () => api.post(`/bookings/${ghost}/cancel`),
      ];
      const good = times(40, (caller) => () => api.book([haunted, ...healthy][caller % 10]._id));

      const { answers } = await inOneBatch(running, 'at once', [...good.slice(0, 20), ...bad, ...good.slice(20)]);

      const [faults, neighbours] = [answers.slice(20, 23), [...answers.slice(0, 20), ...answers.slice(23)]];
      await db.collection('events').deleteMany({ _id: { $in: [guarded, refused].map(({ _id }) => toId(_id)) } });
      await db.collection('bookings').deleteOne({ _id: toId(ghost) });
      return [
        ...claim(
          `who meets a contradiction is told that it is our fault: ${faults.map(verdictOf)}`,
          faults.every(({ status }) => status === 500 || status === 503),
        ),
        ...(await checkBooked(running, neighbours)),
      ];
    },
    [MERCY],
    held,
  );
});

/** The answers to requests that arrive while a commit is under way, and what the two batches have sent. */
async function inOneBatch(
  running: RunningApp,
  pace: 'at once' | 'one by one',
  requests: readonly (() => Promise<Answer>)[],
): Promise<{ answers: Answer[]; sent: readonly string[] }> {
  const other = await running.api.createEvent({ totalTickets: 1 });
  const sent = watchCommands(running);
  const lanes = HeldLaneFactory.of(running);
  lanes.hold();
  const underWay = running.api.book(other._id);
  const answers: Promise<Answer>[] = [];
  for (const [index, send] of requests.entries()) {
    if (index === 0 || pace === 'one by one') await lanes.untilArrived(index + 1);
    answers.push(send());
  }
  await lanes.untilArrived(requests.length + 1);
  lanes.release();
  expect((await underWay).status).toBe(201);
  return { answers: await Promise.all(answers), sent };
}

function checkCommits(sent: readonly string[], least: number, most: number): string[] {
  const commits = countCommands(sent, 'commitTransaction');
  return claim(`between ${least} and ${most} commits: ${commits}`, commits >= least && commits <= most);
}

async function checkBooked(running: RunningApp, answers: readonly Answer[]): Promise<string[]> {
  return [...(await checkAnswers(running, answers)), ...checkAcknowledged(answers.length, answers)];
}

function verdictOf({ status, headers, body }: Answer): string {
  const replayed = headers.get('idempotent-replayed') === 'true' ? ' replayed' : '';
  return `${status} ${body.code ?? body.booking.status}${replayed}`;
}

function idOf(answer: Answer): string | undefined {
  return bookedOf([answer])[0]?._id;
}

function same(what: string, expected: string | undefined, found: string | undefined): string[] {
  return claim(`${what} is ${expected}: ${found}`, expected === found);
}

function inOrder(first: number, status: number, second: number, otherStatus: number): number[] {
  return [...times(first, () => status), ...times(second, () => otherStatus)];
}

function toId(id: string): mongo.ObjectId {
  return new mongo.ObjectId(id);
}

async function contradict(db: mongo.Db, eventId: string, counts: mongo.Document): Promise<void> {
  await db.collection('events').updateOne({ _id: toId(eventId) }, { $set: counts }, { bypassDocumentValidation: true });
}

async function plantBooking(db: mongo.Db, eventId: string, quantity: number): Promise<string> {
  const booking = { userId: 'nobody', items: [{ quantity }], quantity, status: 'confirmed', bookedAt: new Date() };
  const { insertedId } = await db.collection('bookings').insertOne({ eventId: toId(eventId), ...booking });
  return insertedId.toHexString();
}
