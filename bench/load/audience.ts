import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const AT_ONCE = 50;
const MESSAGE = Buffer.from('\ndata: ');

/** Clients that follow the availability of an event. They count messages, and look no closer, to leave the cores to the server. */
export class Audience {
  private sockets: Socket[] = [];
  private messages = 0;
  private lost = 0;
  private seconds = 0;
  private gatheredAt = 0;

  constructor(readonly size: number) {}

  /** Returns once everybody has got the first state. */
  async gather(url: string, eventId: string): Promise<void> {
    while (this.sockets.length < this.size) {
      const some = Array.from({ length: Math.min(AT_ONCE, this.size - this.sockets.length) });
      this.sockets.push(...(await Promise.all(some.map(() => this.follow(url, eventId)))));
    }
    this.gatheredAt = performance.now();
    this.messages -= this.size;
  }

  leave(): void {
    this.seconds += (performance.now() - this.gatheredAt) / 1_000;
    const sockets = this.sockets;
    this.sockets = [];
    for (const socket of sockets) socket.destroy();
  }

  /** How many messages each has got in a second, on average. */
  get rate(): number {
    return this.messages / this.size / this.seconds;
  }

  /** How many streams have ended by themselves. */
  get lostStreams(): number {
    return this.lost;
  }

  private async follow(url: string, eventId: string): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(`GET /events/${eventId}/availability/stream HTTP/1.1\r\nHost: bench\r\n\r\n`);
    await new Promise<void>((done) => {
      socket.on('data', (chunk: Buffer) => {
        const count = countMessages(chunk);
        this.messages += count;
        if (count > 0) done();
      });
      socket.once('close', () => {
        // Who has left is not among them any more.
        if (this.sockets.includes(socket)) this.lost += 1;
        done();
      });
    });
    return socket;
  }
}

function countMessages(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(MESSAGE); at >= 0; at = chunk.indexOf(MESSAGE, at + 1)) count += 1;
  return count;
}
