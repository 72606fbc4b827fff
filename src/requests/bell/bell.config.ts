import type { ConfigField, ConfigOf } from '../../platform/config/index.js';

function url(variable: string, protocols: readonly string[], wanted: string): ConfigField<string | undefined> {
  return {
    variable,
    fallback: undefined,
    parse(text) {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      if (parsed && protocols.includes(parsed.protocol) && parsed.hostname !== '') return text;
      throw new Error(wanted);
    },
  };
}

export const bellConfig = {
  /** The RabbitMQ that carries calls to decide what is queued. It may hold a password. */
  amqpUrl: url('AMQP_URL', ['amqp:', 'amqps:'], 'amqp://HOST:PORT, or with TLS amqps://HOST:PORT'),
  /** The FIFO queue of SQS that does so instead. */
  sqsQueueUrl: url('SQS_QUEUE_URL', ['http:', 'https:'], 'the URL of a queue whose name ends with .fifo'),
};

export type BellConfig = ConfigOf<typeof bellConfig>;
export const BELL_CONFIG = Symbol('BELL_CONFIG');
