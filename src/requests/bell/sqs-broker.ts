import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../common/clock.js';
import { Repeated } from '../../common/concurrency/repeated.js';
import type { Call } from './bell.js';
import type { Broker } from './broker-bell.js';

/** How many calls one server takes at a time. */
const TAKEN_AT_A_TIME = 10;
/** How long a question for calls waits for one. */
const WAIT_SECONDS = 10;
/** After this time another server gets the call of one that has ended. */
const VISIBILITY_SECONDS = 30;
const KEEP_MS = 10_000;
const PAUSE_MS = 1_000;

/** Carries calls by a FIFO queue of SQS, or of a server that is compatible with it: those of one event to one server at a time. */
export class SqsBroker implements Broker {
  readonly name = 'SQS';
  private readonly client: SQSClient;
  private readonly ended = new AbortController();
  private receiving: Promise<void> | undefined;
  private readonly taken = new Set<Promise<void>>();

  constructor(
    private readonly queueUrl: string,
    private readonly clock: Clock,
  ) {
    const { origin, hostname } = new URL(queueUrl);
    // A queue of AWS is in the region that its address names; for a compatible server any will do.
    const region = /(?:^|\.)sqs\.([^.]+)\./.exec(hostname)?.[1] ?? 'us-east-1';
    this.client = new SQSClient({ region, endpoint: origin, maxAttempts: 1 });
  }

  async send(call: Call): Promise<void> {
    const message = {
      QueueUrl: this.queueUrl,
      MessageBody: JSON.stringify(call),
      MessageGroupId: call.eventId,
      MessageDeduplicationId: randomUUID(),
    };
    await this.client.send(new SendMessageCommand(message));
  }

  receive(take: (text: string) => Promise<void>): Promise<void> {
    this.receiving = this.receiveAll(take);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.receiving;
    await Promise.all(this.taken);
    this.client.destroy();
  }

  private async receiveAll(take: (text: string) => Promise<void>): Promise<void> {
    const query = {
      QueueUrl: this.queueUrl,
      MaxNumberOfMessages: TAKEN_AT_A_TIME,
      WaitTimeSeconds: WAIT_SECONDS,
      VisibilityTimeout: VISIBILITY_SECONDS,
    };
    const { signal } = this.ended;
    while (!signal.aborted) {
      // It is tried again. The next call that is sent says that it is away.
      await this.receiveSome(query, take).catch(() => this.pause());
    }
  }

  private async receiveSome(query: ReceiveMessageCommandInput, take: (text: string) => Promise<void>): Promise<void> {
    const abortSignal = this.ended.signal;
    const { Messages = [] } = await this.client.send(new ReceiveMessageCommand(query), { abortSignal });
    for (const message of Messages) {
      const taken = this.takeOne(message, take).finally(() => this.taken.delete(taken));
      this.taken.add(taken);
    }
    // A long queue keeps nobody from calls of others, until there are too many.
    while (this.taken.size >= TAKEN_AT_A_TIME) await Promise.race(this.taken);
  }

  private pause(): Promise<void> {
    return this.clock.sleep(this.ended.signal.aborted ? 0 : PAUSE_MS);
  }

  /** Keeps the message from others while it is worked on. */
  private async takeOne({ ReceiptHandle, Body = '' }: Message, take: (text: string) => Promise<void>): Promise<void> {
    const handle = { QueueUrl: this.queueUrl, ReceiptHandle };
    const show = async (seconds: number) => {
      await this.client.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: seconds }));
    };
    const kept = new Repeated(
      this.clock,
      () => KEEP_MS,
      () => show(VISIBILITY_SECONDS).catch(() => undefined),
    );
    kept.start();
    const isAnswered = await take(Body).then(
      () => true,
      () => false,
    );
    kept.stop();
    // What can't be deleted comes again when its time is over.
    const done = isAnswered ? this.client.send(new DeleteMessageCommand(handle)) : show(0);
    await done.catch(() => undefined);
  }
}
