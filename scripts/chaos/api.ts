import { Agent, request } from 'node:http';
import {
  type Body,
  NoResponse,
  type Response,
  toAnswer,
  toEntryAnswer,
  toHoldAnswer,
  withoutResponse,
} from './answers.js';
import type { Answer, Attempt, HoldIntent, Intent, Line, Step, WaitIntent } from './history.js';
import type { Random } from './random.js';

const TIMEOUT_MS = 10_000;
/** For lists, which callers do not read. */
const PATIENT_TIMEOUT_MS = 60_000;

/** The servers as their callers see them: each request goes to any one of them. */
export class Api {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });

  constructor(
    private readonly urls: readonly string[],
    private readonly random: Random,
  ) {}

  /** Sends a booking, under its key. `quantity` is what is asked for of the first line. */
  book({ key, userId, eventId, lines }: Intent, quantity = lines[0]?.quantity): Promise<Attempt> {
    const wanted = lines.map((line, index) => (index === 0 ? { ...line, quantity: quantity ?? 1 } : line));
    return this.attempt('/book', { eventId, userId, ...toBody(eventId, wanted) }, toAnswer, key);
  }

  cancel(bookingId: string): Promise<Attempt> {
    return this.attempt(`/bookings/${bookingId}/cancel`, {}, toAnswer);
  }

  /** Sends a hold, under its key. */
  hold({ key, userId, eventId, lines, ttlSeconds }: HoldIntent): Promise<Attempt> {
    return this.attempt('/holds', { eventId, userId, ttlSeconds, ...toBody(eventId, lines) }, toHoldAnswer, key);
  }

  /** Sends a request for a place in a waitlist, under its key. */
  join({ key, userId, eventId, lines }: WaitIntent): Promise<Attempt> {
    return this.attempt(`/events/${eventId}/waitlist`, { userId, ...toBody(eventId, lines) }, toEntryAnswer, key);
  }

  look(eventId: string, entryId: string): Promise<Attempt> {
    return this.attempt(`/events/${eventId}/waitlist/${entryId}`, undefined, toEntryAnswer);
  }

  take({ kind, holdId, eventId, paymentReference, ttlSeconds }: Step): Promise<Attempt> {
    if (kind === 'leave') return this.attempt(`/events/${eventId}/waitlist/${holdId}/leave`, {}, toEntryAnswer);
    return this.attempt(`/holds/${holdId}/${kind}`, { paymentReference, ttlSeconds }, toHoldAnswer);
  }

  post(path: string, body: object): Promise<Response> {
    return this.send('POST', path, PATIENT_TIMEOUT_MS, body);
  }

  get(path: string): Promise<Response> {
    return this.send('GET', path, PATIENT_TIMEOUT_MS);
  }

  close(): void {
    this.agent.destroy();
  }

  /** Without a body it reads. */
  private async attempt(
    path: string,
    body: object | undefined,
    read: (response: Response) => Answer,
    key?: string,
  ): Promise<Attempt> {
    const startMs = performance.now();
    const headers = key === undefined ? undefined : { 'idempotency-key': key };
    const method = body ? 'POST' : 'GET';
    const answer = await this.send(method, path, TIMEOUT_MS, body, headers).then(read, (error: unknown) => {
      if (error instanceof NoResponse) return withoutResponse(error);
      throw error;
    });
    return { startMs, endMs: performance.now(), answer };
  }

  /** Throws NoResponse. */
  private send(
    method: string,
    path: string,
    timeoutMs: number,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      let hasTimedOut = false;
      const fail = (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        const code = error.code === 'ECONNREFUSED' ? 'connection_refused' : 'connection_lost';
        reject(new NoResponse(hasTimedOut ? 'timeout' : code));
      };
      const outgoing = request(`${this.random.of(this.urls)}${path}`, {
        method,
        agent: this.agent,
        headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      });
      const timer = setTimeout(() => {
        hasTimedOut = true;
        outgoing.destroy(new Error('timeout'));
      }, timeoutMs);
      outgoing.once('error', fail);
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', fail);
        incoming.once('end', () => {
          clearTimeout(timer);
          const isReplay = incoming.headers['idempotent-replayed'] === 'true';
          resolve({ status: incoming.statusCode ?? 0, isReplay, body: parse(Buffer.concat(chunks).toString()) });
        });
      });
      outgoing.end(body && JSON.stringify(body));
    });
  }
}

function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return { code: `not JSON: ${text.slice(0, 200)}` };
  }
}

/** As `POST /book` takes it: an event without sections is a pool itself. */
function toBody(eventId: string, lines: readonly Line[]): object {
  const [line] = lines;
  if (lines.length > 1 || !line) {
    return { items: lines.map(({ poolId, quantity }) => ({ sectionId: poolId, quantity })) };
  }
  return { quantity: line.quantity, ...(line.poolId !== eventId && { sectionId: line.poolId }) };
}
