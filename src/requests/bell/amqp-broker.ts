import { Connection, type Consumer, ConsumerStatus, type Publisher } from 'rabbitmq-client';
import type { Clock } from '../../common/clock.js';
import { withTimeout } from '../../common/concurrency/with-timeout.js';
import type { Call } from './bell.js';
import type { Broker } from './broker-bell.js';

/** How many events one server decides for at a time. */
const PREFETCH = 16;
/** A call that was given so often to servers that have ended meanwhile is dropped: the pulse finds what it was about. */
const DELIVERY_LIMIT = 20;
const CLOSE_MS = 2_000;

/** Carries calls by a quorum queue of RabbitMQ, to one server at a time: two of them would be in each other's way. */
export class AmqpBroker implements Broker {
  readonly name = 'RabbitMQ';
  private readonly connection: Connection;
  private readonly publisher: Publisher;
  private consumer: Consumer | undefined;
  private readonly declaration;

  /** Servers that use the same name get each other's calls. */
  constructor(
    url: string,
    private readonly queue: string,
    private readonly clock: Clock,
  ) {
    this.declaration = {
      queue,
      durable: true,
      arguments: {
        'x-queue-type': 'quorum' as const,
        'x-single-active-consumer': true,
        'x-delivery-limit': DELIVERY_LIMIT,
      },
    };
    this.connection = new Connection({
      url: withUser(url),
      connectionName: queue,
      heartbeat: 10,
      connectionTimeout: 5_000,
      acquireTimeout: 1_000,
      retryLow: 100,
      retryHigh: 2_000,
    });
    // Said by who waits for it; without a listener it would end the process.
    this.connection.on('error', () => undefined);
    this.publisher = this.connection.createPublisher({ confirm: true, queues: [this.declaration] });
  }

  async send(call: Call): Promise<void> {
    // What is sent now would wait in memory: by then others have answered.
    if (!this.connection.ready) throw new Error('it is not connected');
    await this.publisher.send({ routingKey: this.queue, durable: true }, JSON.stringify(call));
  }

  receive(take: (text: string) => Promise<void>): Promise<void> {
    const options = { queue: this.queue, queueOptions: this.declaration, qos: { prefetchCount: PREFETCH } };
    this.consumer = this.connection.createConsumer(options, async ({ body }) => {
      try {
        await take(textOf(body));
        return ConsumerStatus.ACK;
      } catch {
        return ConsumerStatus.REQUEUE;
      }
    });
    this.consumer.on('error', () => undefined);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const closing = this.closeAll();
    await withTimeout(this.clock, CLOSE_MS, closing, () => new Error('it does not answer')).catch(() => {
      this.connection.unsafeDestroy();
    });
  }

  private async closeAll(): Promise<void> {
    await this.consumer?.close();
    await this.publisher.close();
    await this.connection.close();
  }
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
}

/** Without a user, the one that a new RabbitMQ has for its own machine. */
function withUser(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === '') [parsed.username, parsed.password] = ['guest', 'guest'];
  return parsed.href;
}
