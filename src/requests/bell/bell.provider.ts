import type { FactoryProvider } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { LOG, type Log } from '../../platform/logging/index.js';
import { nameOfSecret, ServersSecretRepository } from '../../platform/peers/index.js';
import { Bell, LocalBell } from './bell.js';
import { BELL_CONFIG, type BellConfig } from './bell.config.js';
import { BellMetrics } from './bell.metrics.js';
import { BrokerBell } from './broker-bell.js';

/** The bell for this configuration. Most servers do without a broker, and start sooner without its client. */
export const bellProvider: FactoryProvider<Bell> = {
  provide: Bell,
  inject: [BELL_CONFIG, ServersSecretRepository, Clock, LOG, BellMetrics],
  useFactory: (
    { amqpUrl, sqsQueueUrl }: BellConfig,
    secrets: ServersSecretRepository,
    clock: Clock,
    log: Log,
    metrics: BellMetrics,
  ) => {
    if (amqpUrl !== undefined) {
      const open = async () => {
        const { AmqpBroker } = await import('./amqp-broker.js');
        return new AmqpBroker(amqpUrl, nameOf(await secrets.read()), clock);
      };
      return new BrokerBell(open, clock, log, metrics);
    }
    if (sqsQueueUrl === undefined) return new LocalBell();
    const open = async () => {
      const { SqsBroker } = await import('./sqs-broker.js');
      return new SqsBroker(sqsQueueUrl, clock);
    };
    return new BrokerBell(open, clock, log, metrics);
  },
};

/** Servers on the same database use the same queue. */
function nameOf(secret: string): string {
  return `ticket-booking.${nameOfSecret(secret)}.requests`;
}
