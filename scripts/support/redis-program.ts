import { createConnection } from 'node:net';
import { LOOPBACK } from '../../src/platform/database/local-mongod.js';

/** How a Redis is started that keeps nothing, and answers at this address, which is only this machine's by default. */
export function redisArguments(port: number, address = LOOPBACK): string[] {
  return ['--port', String(port), '--bind', address, '--protected-mode', 'no', '--save', '', '--appendonly', 'no'];
}

/** Returns what the Redis at this port answers to a line. Throws where nobody listens. */
export function askRedis(port: number, line: string, address = LOOPBACK): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, address, () => socket.write(`${line}\r\n`));
    socket.once('error', reject).once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}

/** Whether a Redis answers at this port, be it that it asks for a password. */
export function redisAnswers(port: number, address = LOOPBACK): Promise<boolean> {
  return askRedis(port, 'PING', address).then(
    (answer) => /^(\+PONG|-NOAUTH)/.test(answer),
    () => false,
  );
}
