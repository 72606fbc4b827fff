import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { LOOPBACK } from '../../src/platform/database/local-mongod.js';

export interface RabbitPorts {
  readonly amqp: number;
  /** Where Erlang's programs find each other. */
  readonly distribution: number;
  readonly epmd: number;
}

/** How a RabbitMQ is started that keeps all it has in a folder, and answers at this address, which is only this machine's by default. */
export function rabbitEnvironment(
  folder: string,
  { amqp, distribution, epmd }: RabbitPorts,
  address = LOOPBACK,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    // It writes a cookie there.
    HOME: folder,
    RABBITMQ_NODENAME: `ticket-booking-${amqp}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: address,
    RABBITMQ_NODE_PORT: String(amqp),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -rabbit loopback_users []',
    ERL_EPMD_ADDRESS: LOOPBACK,
    ERL_EPMD_PORT: String(epmd),
  };
}

/** Whether a RabbitMQ answers at this port, be it that it refuses us. */
export function rabbitAnswers(port: number, address = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    // It refuses another protocol by the name of its own.
    const socket = connect(port, address, () => socket.write('AMQP\0\0\0\0'));
    socket.once('error', () => resolve(false));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.subarray(0, 4).toString() === 'AMQP');
    });
    socket.once('close', () => resolve(false));
  });
}

/** Ends the daemon that a RabbitMQ has started, and leaves behind, at this port. */
export async function endEpmd(port: number): Promise<void> {
  const environment = { ...process.env, ERL_EPMD_ADDRESS: LOOPBACK, ERL_EPMD_PORT: String(port) };
  const ended = spawn('epmd', ['-kill'], { env: environment, stdio: 'ignore' });
  await new Promise((done) => ended.once('close', done).once('error', done));
}
