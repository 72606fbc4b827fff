import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../common/clock.js';
import type { Sink } from '../listener.js';

const HEARTBEAT_MS = 15_000;
/** A client that takes nothing does not keep the server from ending. */
const END_WITHIN_MS = 1_000;
/** Around a second: clients that were cut off together do not come back together. */
const RETRY_MS = { min: 500, spread: 1_000 };

const HEADERS = {
  'content-type': 'text/event-stream',
  connection: 'close',
  // Asks nginx not to collect the messages before it sends them.
  'x-accel-buffering': 'no',
};

/** An answer of server-sent events. Fastify does no more for it once it is open: it has no end that could be sent. */
export class EventStream implements Sink {
  private readonly response: ServerResponse;
  private isWriting = false;
  private stopTimer: () => void = () => undefined;

  /** `mayGoOn` is asked with each heartbeat. */
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
    private readonly clock: Clock,
    private readonly mayGoOn: () => Promise<boolean>,
  ) {
    this.response = reply.raw;
  }

  /** Sends the headers. Calls `closed` once, when the client has gone or the stream has ended. */
  open(closed: () => void): void {
    this.reply.hijack();
    if (this.response.destroyed) return closed();
    this.response.once('close', () => {
      this.stopTimer();
      closed();
    });
    // The end of the connection is the end of the stream: in chunks, each message would be three writes.
    this.response.removeHeader('transfer-encoding');
    this.response.writeHead(200, { ...this.reply.getHeaders(), ...HEADERS } as Record<string, string>);
    if (this.request.method === 'HEAD') return this.end();
    this.response.write(`retry: ${Math.round(RETRY_MS.min + Math.random() * RETRY_MS.spread)}\n\n`);
    this.beatLater();
  }

  write(text: string, then: () => void): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.isWriting = true;
    // Ids, names of fields and numbers.
    this.response.write(text, 'latin1', () => {
      this.isWriting = false;
      then();
    });
  }

  end(): void {
    this.stopTimer();
    this.response.end();
    this.stopTimer = this.clock.after(END_WITHIN_MS, () => this.response.destroy());
  }

  private beatLater(): void {
    this.stopTimer = this.clock.after(HEARTBEAT_MS, () => void this.beat());
  }

  private async beat(): Promise<void> {
    const mayGoOn = await this.mayGoOn();
    if (this.response.destroyed || this.response.writableEnded) return;
    if (!mayGoOn) {
      this.end();
      return;
    }
    // What waits to be taken is a sign of life as well.
    if (!this.isWriting) this.response.write(':\n\n');
    this.beatLater();
  }
}
