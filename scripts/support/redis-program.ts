import { createConnection } from 'node:net';

/** How a Redis is started that keeps nothing and answers this machine only. */
export function redisArguments(port: number): string[] {
  return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
}

/** Returns what the Redis at this port answers to a line. Throws where nobody listens. */
export function askRedis(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    socket.once('error', reject).once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}

/** Whether a Redis answers at this port, be it that it asks for a password. */
export function redisAnswers(port: number): Promise<boolean> {
  return askRedis(port, 'PING').then(
    (answer) => /^(\+PONG|-NOAUTH)/.test(answer),
    () => false,
  );
}
