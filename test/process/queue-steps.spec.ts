import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { pathToFileURL } from 'node:url';
import { findImbalances } from '../support/check-books.js';
import { describeWith } from '../support/programs.js';
import { decided, queueNameOf, RESPOND_ASYNC } from '../support/queues.js';
import { RabbitProcess } from '../support/rabbit-process.js';
import { spawnIn, untilEnd, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const DIE_AT_STEP = pathToFileURL('test/support/die-at-step.mjs').href;

describeWith('rabbitmq-server', 'a worker that RabbitMQ has called', (path) => {
  const workplace = new Workplace();
  const uri = freshDatabaseUri();
  const client = new mongo.MongoClient(uri);
  let rabbit: RabbitProcess;
  let environment: { MONGO_URI: string; AMQP_URL: string };
  beforeAll(async () => {
    rabbit = await RabbitProcess.start(path);
    environment = { MONGO_URI: uri, AMQP_URL: rabbit.url };
  }, 180_000);
  afterAll(async () => {
    await workplace.clear();
    await client.close();
    await rabbit.remove();
  });

  const countListeners = async () => {
    const connection = rabbit.connect();
    try {
      return (await connection.queueDeclare({ queue: await queueNameOf(client.db()), passive: true })).consumerCount;
    } catch {
      return undefined;
    } finally {
      connection.unsafeDestroy();
    }
  };

  it.each(['called', 'planned', 'committing', 'committed'])(
    'and that is killed when it has %s: another one decides the request, once',
    async (step) => {
      const worker = spawnIn(workplace.folder(), 'dist/worker.js', [], {
        ...environment,
        DIE_AT_STEP: step,
        NODE_OPTIONS: `--import ${DIE_AT_STEP}`,
      });
      const ended = untilEnd(worker);
      // Of all that listen, RabbitMQ calls the one that has done so for longest.
      await until('the worker listens', async () => (await countListeners()) === 1);
      const server = await (await workplace.start(workplace.folder(), environment)).ready();
      const event = await server.api.createEvent({ totalTickets: 1_000 });
      let requests = 0;
      // A server that has no connection to RabbitMQ yet decides by itself.
      for (; worker.signalCode === null && requests < 1_000; requests++) {
        const { request } = (await server.api.book(event._id, { userId: `user${requests}` }, RESPOND_ASYNC)).body;
        expect(await decided(server.api, request._id)).toMatchObject({ status: 'done' });
      }
      expect(await ended).toMatchObject({ signal: 'SIGKILL' });
      const bookings = await client
        .db()
        .collection('bookings')
        .countDocuments({ eventId: new mongo.ObjectId(event._id as string) });
      expect(bookings).toBe(requests);
      expect(await findImbalances(client.db())).toEqual([]);
      await server.end();
    },
  );
});
