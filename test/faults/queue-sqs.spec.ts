import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../../scripts/support/free-port.js';
import { findImbalances } from '../support/check-books.js';
import { metricOf } from '../support/metric-of.js';
import { describeWith } from '../support/programs.js';
import { bookByQueue } from '../support/queues.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

describeWith('moto_server', 'a queue with an SQS', (path) => {
  let sqs: ChildProcess;
  let client: SQSClient;
  let port: number;
  let queueUrl: string;
  let servers: RunningApp[] = [];
  const launch = () => {
    sqs = spawn(path, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    const create = new CreateQueueCommand({ QueueName: 'requests.fifo', Attributes: { FifoQueue: 'true' } });
    return until('SQS answers', async () => {
      try {
        queueUrl = (await client.send(create)).QueueUrl!;
        return true;
      } catch {
        return false;
      }
    });
  };
  beforeAll(async () => {
    // The server takes any, and AWS's client wants some.
    process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
    port = await freePort();
    client = new SQSClient({ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` });
    await launch();
    const first = await startApp({ config: { sqsQueueUrl: queueUrl } });
    servers = [first, await startApp({ uri: first.uri, config: first.config })];
  }, 180_000);
  afterEach(async () => expect(await findImbalances(servers[0]!.db)).toEqual([]));
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    client.destroy();
    sqs.kill('SIGKILL');
  });

  const waitingMessages = async () => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
    const { Attributes } = await client.send(command);
    return names.reduce((sum, name) => sum + Number(Attributes![name]), 0);
  };

  it('is decided by a server that it calls, and what is answered is deleted', async () => {
    for (const server of servers) {
      const calls = () => metricOf(server.api, 'broker_calls_total{way="broker"}');
      const before = await calls();
      // On a busy machine, a call may take too long.
      await until('a call goes by SQS', async () => {
        expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
        return (await calls()) > before;
      });
    }
    await until('no message is left', async () => (await waitingMessages()) === 0);
  });

  it('drops what no server has sent', async () => {
    const message = { QueueUrl: queueUrl, MessageGroupId: 'any', MessageDeduplicationId: String(Math.random()) };
    await client.send(new SendMessageCommand({ ...message, MessageBody: 'no call' }));
    const counts = async () =>
      (await metricOf(servers[0]!.api, 'broker_malformed_total')) +
      (await metricOf(servers[1]!.api, 'broker_malformed_total'));
    await until('it is dropped', async () => (await counts()) === 1);
    await until('no message is left', async () => (await waitingMessages()) === 0);
  });

  it('is decided by the server itself while it is gone, and by a call when it is back', async () => {
    const gone = new Promise((done) => sqs.once('exit', done));
    sqs.kill('SIGKILL');
    await gone;
    for (const server of servers) {
      expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
      expect(await metricOf(server.api, 'broker_away')).toBe(1);
    }
    await launch();
    for (const server of servers) {
      await until('calls go by SQS', async () => {
        expect(await bookByQueue(server)).toMatchObject({ status: 'done' });
        return (await metricOf(server.api, 'broker_away')) === 0;
      });
    }
  });
});
