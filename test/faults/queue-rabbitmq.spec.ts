import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { AmqpBroker } from '../../src/requests/bell/amqp-broker.js';
import { RequestWorker } from '../../src/requests/request-worker.js';
import { findImbalances } from '../support/check-books.js';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { bookByQueue, decided, queueNameOf, RESPOND_ASYNC } from '../support/queues.js';
import { RabbitProcess } from '../support/rabbit-process.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

describeWith('rabbitmq-server', 'a queue with a RabbitMQ', (path) => {
  let rabbit: RabbitProcess;
  let servers: RunningApp[] = [];
  beforeAll(async () => {
    rabbit = await RabbitProcess.start(path);
    const first = await startApp({ config: { amqpUrl: rabbit.url } });
    servers = [first, await startApp({ uri: first.uri, config: first.config })];
  }, 180_000);
  afterEach(async () => expect(await findImbalances(servers[0]!.db)).toEqual([]));
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await rabbit.remove();
  });

  const callsBy = async (way: string) => {
    const counts = servers.map(({ api }) => metricOf(api, `broker_calls_total{way="${way}"}`));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  /** Until the broker takes the calls of each server again. */
  const untilThere = async () => {
    for (const server of servers) {
      await until('calls go by RabbitMQ', async () => {
        expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
        return (await metricOf(server.api, 'broker_away')) === 0;
      });
    }
  };

  it('is decided by a server that it calls, whichever took the requests', async () => {
    await untilThere();
    for (const server of servers) {
      const before = await callsBy('broker');
      // On a busy machine, a call may take too long.
      await until('a call goes by RabbitMQ', async () => {
        expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
        return (await callsBy('broker')) > before;
      });
    }
  });

  it.each(['SIGSTOP', 'SIGKILL'] as const)('is decided by the server itself while it is gone: %s', async (signal) => {
    await untilThere();
    const self = await callsBy('self');
    if (signal === 'SIGSTOP') rabbit.signal('SIGSTOP');
    else await rabbit.kill();
    // A quorum queue that was made just now does not always find its leader again.
    if (signal === 'SIGKILL') rabbit.wipe();
    for (const server of servers) expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
    expect(await callsBy('self')).toBeGreaterThanOrEqual(self + 2);
    expect(await metricOf(servers[0]!.api, 'broker_away')).toBe(1);
    if (signal === 'SIGSTOP') rabbit.signal('SIGCONT');
    else await rabbit.start();
    await untilThere();
    expect(await metricOf(servers[0]!.api, 'broker_away')).toBe(0);
  });

  /** What comes next is done once RabbitMQ is dead: its steps in the order of a call's way. */
  const STEPS: Record<string, (kill: () => Promise<void>) => () => void> = {
    'before the call is sent': (kill) => once(AmqpBroker.prototype, 'send', killingFirst(kill)),
    'before it says that it has the call': (kill) =>
      once(AmqpBroker.prototype, 'send', async (send) => {
        const sent = send();
        await kill();
        return sent;
      }),
    'when it has called': (kill) => once(RequestWorker.prototype, 'empty', killingFirst(kill)),
    'before it hears that all is decided': (kill) =>
      once(RequestWorker.prototype, 'empty', async (empty) => {
        await empty();
        await kill();
      }),
  };

  it.each(Object.keys(STEPS))('is decided, once, when RabbitMQ is killed %s', async (step) => {
    await untilThere();
    const [server] = servers as [RunningApp];
    const event = await server.api.createEvent({ totalTickets: 5 });
    let killed: Promise<void> | undefined;
    const restore = STEPS[step]!(() => (killed = rabbit.kill()));
    try {
      const { request } = (await server.api.book(event._id, {}, RESPOND_ASYNC)).body;
      expect(await decided(server.api, request._id)).toMatchObject({ status: 'done' });
      await until('RabbitMQ is killed', () => killed !== undefined);
    } finally {
      restore();
      await killed;
      rabbit.wipe();
      await rabbit.start();
    }
    const eventId = new mongo.ObjectId(event._id as string);
    expect(await server.db.collection('bookings').countDocuments({ eventId })).toBe(1);
  });

  it('drops what no server has sent', async () => {
    await untilThere();
    const stranger = rabbit.connect();
    try {
      const queue = await queueNameOf(servers[0]!.db);
      for (const body of ['no call', '{"eventId":"../etc","number":1}', '{"eventId":7}', 'null']) {
        await stranger.createPublisher({ confirm: true }).send({ routingKey: queue }, body);
      }
      const malformed = async () =>
        (await metricOf(servers[0]!.api, 'broker_malformed_total')) +
        (await metricOf(servers[1]!.api, 'broker_malformed_total'));
      await until('four are dropped', async () => (await malformed()) === 4);
      // A call for an event that is not there, and for one that has no queue.
      const event = await servers[0]!.api.createEvent({ totalTickets: 5 });
      for (const eventId of ['67841f2a3b4c5d6e7f809100', event._id]) {
        await stranger
          .createPublisher({ confirm: true })
          .send({ routingKey: queue }, JSON.stringify({ eventId, number: 1 }));
      }
      for (const server of servers) expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
      expect((await stranger.queueDeclare({ queue, passive: true })).messageCount).toBe(0);
    } finally {
      stranger.unsafeDestroy();
    }
  });

  it('is decided by the other server when the one that is called ends', async () => {
    await untilThere();
    const [first] = servers as [RunningApp];
    const third = await startApp({ uri: first.uri, config: first.config });
    await servers[1]!.close();
    servers[1] = third;
    for (const server of servers) expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
  });
});

function killingFirst(kill: () => Promise<void>) {
  return async (call: () => Promise<void>) => {
    await kill();
    return call();
  };
}

/** The next call of the method is made by `instead`. Returns what undoes that. */
function once<Name extends string>(
  prototype: { [name in Name]: (...args: never[]) => Promise<void> },
  name: Name,
  instead: (original: () => Promise<void>) => Promise<void>,
): () => void {
  const original = prototype[name];
  let isOver = false;
  Object.assign(prototype, {
    [name](this: unknown, ...args: never[]) {
      if (isOver) return original.apply(this, args);
      isOver = true;
      return instead(() => original.apply(this, args));
    },
  });
  return () => void Object.assign(prototype, { [name]: original });
}
