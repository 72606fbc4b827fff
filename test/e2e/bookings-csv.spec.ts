import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import { type Connection, mongo } from 'mongoose';
import { BookingsRepository } from '../../src/bookings/store/bookings.repository.js';
import { askSlowly, readAll } from '../support/download.js';
import { expectProblem } from '../support/expect-problem.js';
import { ITEMS, insertLargeBookings } from '../support/large-bookings.js';
import { claim, compare, itHolds } from '../support/race.js';
import { readCsv } from '../support/read-csv.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { watchedUri } from '../support/watch-commands.js';
import { without } from '../support/without.js';

const HEADER = '_id,userId,status,section,quantity,remaining,amount,currency,bookedAt,cancelledAt,reference'.split(',');

describe('GET /events/:id/bookings.csv', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  const read = (id: string, query = '') => running.api.get(`/events/${id}/bookings.csv${query}`);
  const rowsOf = async (id: string) => {
    const { status, body } = await read(id);
    expect(status).toBe(200);
    const [header, ...rows] = readCsv(body);
    expect(header).toEqual(HEADER);
    return rows.map((row) => Object.fromEntries(row.map((cell, index) => [HEADER[index], cell])));
  };

  it('has a row for each item, newest first, as bought and as it is now', async () => {
    const { api } = running;
    const price = { amount: 4500, currency: 'EUR' };
    const event = await api.createEvent({
      sections: [
        { name: 'Stalls, "left"', capacity: 10, price },
        { name: '=Balcony', capacity: 10 },
      ],
    });
    const [stalls, balcony] = event.sections.map(({ _id }: { _id: string }) => _id);
    const items = [
      { sectionId: stalls, quantity: 3 },
      { sectionId: balcony, quantity: 2 },
    ];
    const first = (await api.book(event._id, { userId: '@ann', items, reference: 'order\r\n1' })).body.booking;
    const part = { items: [{ sectionId: stalls, quantity: 1 }] };
    await api.post(`/bookings/${first._id}/cancel`, part, { 'idempotency-key': 'part' });
    await api.post(`/bookings/${first._id}/transfer`, { userId: 'ünal 🎫' });
    const second = (await api.book(event._id, { userId: '-bob', sectionId: stalls })).body.booking;
    const cancelled = (await api.post(`/bookings/${second._id}/cancel`)).body.booking;
    const other = await api.createEvent();
    await api.book(other._id);

    const common = { _id: first._id, userId: 'ünal 🎫', status: 'confirmed', bookedAt: first.bookedAt };
    expect(await rowsOf(event._id)).toEqual([
      {
        _id: second._id,
        userId: "'-bob",
        status: 'cancelled',
        section: 'Stalls, "left"',
        quantity: '1',
        remaining: '0',
        amount: '4500',
        currency: 'EUR',
        bookedAt: second.bookedAt,
        cancelledAt: cancelled.cancelledAt,
        reference: '',
      },
      {
        ...common,
        section: 'Stalls, "left"',
        quantity: '3',
        remaining: '2',
        amount: '4500',
        currency: 'EUR',
        cancelledAt: '',
        reference: 'order\r\n1',
      },
      {
        ...common,
        section: "'=Balcony",
        quantity: '2',
        remaining: '2',
        amount: '',
        currency: '',
        cancelledAt: '',
        reference: 'order\r\n1',
      },
    ]);
    expect(await rowsOf(event._id.toUpperCase())).toHaveLength(3);
  });

  it('says what it is, and what the file is called', async () => {
    const { _id } = await running.api.createEvent();
    const { headers, body } = await read(_id);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="bookings-${_id}.csv"`);
    expect(headers.get('cache-control')).toBe('no-store');
    // Nobody has booked.
    expect(body).toBe(`${HEADER.join(',')}\r\n`);
  });

  it('begins with a byte order mark for those who ask for it', async () => {
    const { _id } = await running.api.createEvent();
    await running.api.book(_id);
    const bytes = async (query: string) =>
      Buffer.from(await (await fetch(`${running.api.url}/events/${_id}/bookings.csv${query}`)).arrayBuffer());
    const plain = await bytes('');
    expect(plain.subarray(0, 3).toString()).toBe('_id');
    expect(await bytes('?bom=false')).toEqual(plain);
    expect(await bytes('?bom=true')).toEqual(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), plain]));
  });

  it('has what an import has left: no user, a section that is gone', async () => {
    const { _id } = await running.api.createEvent({ sections: [{ name: 'Stalls', capacity: 9 }] });
    const gone = new mongo.ObjectId();
    const imported = {
      eventId: new mongo.ObjectId(_id),
      userId: null,
      items: [{ sectionId: gone, quantity: 1 }],
      quantity: 1,
      status: 'confirmed',
      bookedAt: new Date(0),
      imported: true,
    };
    const { insertedId } = await running.db.collection('bookings').insertOne(imported);
    expect(await rowsOf(_id)).toEqual([
      expect.objectContaining({
        _id: insertedId.toHexString(),
        userId: '',
        section: gone.toHexString(),
        quantity: '1',
        remaining: '1',
        bookedAt: '1970-01-01T00:00:00.000Z',
      }),
    ]);
  });

  it.each(['bom=1', 'bom=', 'bom=TRUE', 'bom=yes', 'bom=true&bom=true', 'bom[]=true', 'limit=5', 'sep=;'])(
    'refuses ?%s',
    async (query) => {
      const { _id } = await running.api.createEvent();
      expectProblem(await read(_id, `?${query}`), 400, 'validation_failed');
    },
  );

  it('leaves no cursor open behind who asks for the headers alone, or goes away', async () => {
    const { _id } = await running.api.createEvent();
    await insertLargeBookings(running.db, _id, 2_000);
    const url = `${running.api.url}/events/${_id}/bookings.csv`;
    for (let time = 0; time < 10; time++) {
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
      (await askSlowly(url)).destroy();
    }
    await until('no cursor is open', async () => (await countOpenCursors(running.db)) === 0);
  });

  it('is a 404 for an event that there is not, and a 400 for what is no id', async () => {
    expectProblem(await read('0'.repeat(24)), 404, 'event_not_found');
    expectProblem(await read('x'), 400, 'validation_failed');
  });
});

/** Their rows are some 26 MB: what no socket's buffer holds. */
const BOOKINGS = 10_000;
const BATCH_SIZE = 500;

const IN_BATCHES = without('batches', BookingsRepository, 'all', (all) => {
  return async function* (filter) {
    const everything = [];
    for await (const booking of all(filter)) everything.push(booking);
    yield* everything;
  };
});

describe('a file that is larger than what a connection holds', () => {
  itHolds(
    'is read from the database as its reader takes it',
    async (running) => {
      const event = await running.api.createEvent();
      await insertLargeBookings(running.db, event._id, BOOKINGS);
      const path = `/events/${event._id}/bookings.csv`;
      const reads = countReads(running);

      const slow = await askSlowly(running.api.url + path);
      // While the slow reader takes nothing, another one takes all of it.
      const { body } = await running.api.get(path);
      const [ahead = 0, whole] = [...reads.values()];
      const received = await readAll(slow);

      return [
        // The last one is empty: it says that this is the end.
        ...compare('batches that the other one takes', BOOKINGS / BATCH_SIZE + 1, whole ?? 0),
        ...claim(`less than half is read ahead of a reader that reads nothing: ${ahead}`, ahead < whole! / 2),
        ...compare('lines', 1 + BOOKINGS * ITEMS, countLines(String(body))),
        ...compare('lines of the slow one', 1 + BOOKINGS * ITEMS, countLines(received.text)),
      ];
    },
    [IN_BATCHES],
    () => ({ uri: watchedUri() }),
  );
});

/** How many batches of bookings each of the server's cursors has read, in the order of their first ones. */
function countReads({ app }: RunningApp): ReadonlyMap<string, number> {
  const reads = new Map<string, number>();
  const client = app.get<Connection>(getConnectionToken()).getClient();
  client.on('commandSucceeded', ({ commandName, reply }) => {
    const { cursor } = reply as { cursor?: { id: unknown; ns: string; firstBatch?: unknown[] } };
    if (!cursor?.ns.endsWith('.bookings')) return;
    if (commandName === 'find') reads.set(String(cursor.id), 1);
  });
  client.on('commandStarted', ({ commandName, command }) => {
    const id = String(command['getMore']);
    if (commandName === 'getMore' && reads.has(id)) reads.set(id, reads.get(id)! + 1);
  });
  return reads;
}

async function countOpenCursors(db: mongo.Db): Promise<number> {
  const open = [{ $currentOp: { idleCursors: true, allUsers: true } }, { $match: { type: 'idleCursor' } }];
  const cursors = await db.client.db('admin').aggregate(open).toArray();
  return cursors.filter(({ ns }) => ns === `${db.databaseName}.bookings`).length;
}

function countLines(text: string): number {
  return text.split('\r\n').length - 1;
}
