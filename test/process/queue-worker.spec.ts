import { afterAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { decided, RESPOND_ASYNC } from '../support/queues.js';
import { runToEnd, spawnIn, untilEnd, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

describe('npm run worker', () => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  it('decides what waits when the server that took it is gone', async () => {
    const environment = { MONGO_URI: freshDatabaseUri() };
    const server = await (await workplace.start(workplace.folder(), environment)).ready();
    const { api } = server;
    const event = await api.createEvent({ totalTickets: 2 });
    const { request } = (await api.book(event._id, {}, RESPOND_ASYNC)).body;
    await decided(api, request._id);
    await server.end('SIGKILL');
    // As if the server had ended between the request and its decision.
    const client = new mongo.MongoClient(environment.MONGO_URI);
    const db = client.db();
    try {
      const _id = new mongo.ObjectId();
      const eventId = new mongo.ObjectId(event._id as string);
      const at = Date.now();
      const wish = { userId: 'late', lines: [{ quantity: 1 }], ignoreUserLimit: false, at };
      const wanted = JSON.stringify({ kind: 'book', bookingId: _id.toHexString(), eventId: event._id, ...wish });
      const queued = { _id, eventId, userId: 'late', number: 2, status: 'queued', kind: 'book', wanted };
      await db.collection('requests').insertOne({ ...queued, requestedAt: new Date(at) });
      await db
        .collection('events')
        .updateOne({ _id: eventId }, { $set: { queue: { lastNumber: 2, waiting: 1 } }, $inc: { revision: 1 } });
      const worker = spawnIn(workplace.folder(), 'dist/worker.js', [], environment);
      const ended = untilEnd(worker);
      let output = '';
      for (const stream of [worker.stdout!, worker.stderr!]) stream.on('data', (chunk) => (output += String(chunk)));
      await until('the worker has decided it', async () => {
        return (await db.collection('bookings').countDocuments({ _id, userId: 'late' })) === 1;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${output}`);
      });
      worker.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('decides what waits in queues') });
    } finally {
      await client.close();
    }
  });
});

describe('node dist/cli/dead-letters.js', () => {
  const workplace = new Workplace();
  afterAll(() => workplace.clear());

  it('lists what has failed, and retries or drops it', async () => {
    const uri = freshDatabaseUri();
    const run = (...args: string[]) =>
      runToEnd(workplace.folder(), 'dist/cli/dead-letters.js', args, { MONGO_URI: uri });
    const server = await (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    expect(await run('list')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('No request has failed'),
    });
    const event = await server.api.createEvent({ totalTickets: 2 });
    const client = new mongo.MongoClient(uri);
    try {
      const [kept, dropped] = [new mongo.ObjectId(), new mongo.ObjectId()];
      const at = new Date();
      const wish = { kind: 'book', eventId: event._id, userId: 'ann', lines: [{ quantity: 1 }], at: at.getTime() };
      const toFailed = (_id: mongo.ObjectId, number: number) => ({
        _id,
        eventId: new mongo.ObjectId(event._id as string),
        userId: 'ann',
        number,
        status: 'failed',
        kind: 'book',
        wanted: JSON.stringify({ ...wish, bookingId: _id.toHexString(), ignoreUserLimit: false }),
        requestedAt: at,
        endedAt: at,
        failure: 'no luck',
      });
      await client
        .db()
        .collection('requests')
        .insertMany([toFailed(kept, 1), toFailed(dropped, 2)]);
      await client
        .db()
        .collection('events')
        .updateOne(
          { name: 'Concert Night' },
          { $set: { queue: { lastNumber: 2, waiting: 0 } }, $inc: { revision: 1 } },
        );
      const { stdout } = await run('list');
      expect(stdout.trim().split('\n')).toEqual([
        expect.stringContaining(kept.toHexString()),
        expect.stringContaining('no luck'),
      ]);
      expect(await run('drop', dropped.toHexString())).toMatchObject({ code: 0 });
      expect(await run('drop', dropped.toHexString())).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('There is no failed request'),
      });
      expect(await run('retry', kept.toHexString())).toMatchObject({ code: 0 });
      expect(await decidedAs(kept.toHexString())).toBe('done');
      expect(await run('retry', 'none')).toMatchObject({ code: 1, stderr: expect.stringContaining('24 hex digits') });
      expect(await run('burn')).toMatchObject({ code: 1, stderr: expect.stringContaining('Usage') });
    } finally {
      await client.close();
    }

    async function decidedAs(id: string): Promise<string> {
      let status = 'failed';
      await until('it is decided', async () => {
        ({ status } = (await server.api.get(`/requests/${id}`)).body.request);
        return status !== 'failed' && status !== 'queued';
      });
      return status;
    }
  });
});
