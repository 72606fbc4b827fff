import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Body,
  NoResponse,
  type RequestView,
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
/** So many bookings wait in the queue of their event. */
const SHARE_QUEUED = 0.15;
const LOOK_AGAIN_MS = 30;

/** The servers as their callers see them: each request goes to any one of them. */
export class Api {
  /** When a booking was put into a queue for the first time, by its key. */
  private readonly queuedSinceMs = new Map<string, number>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });

  constructor(
    private readonly urls: readonly string[],
    private readonly random: Random,
  ) {}

  /** Sends a booking, under its key. `quantity` is what is asked for of the first line. */
  book({ key, userId, eventId, lines }: Intent, quantity = lines[0]?.quantity): Promise<Attempt> {
    const wanted = lines.map((line, index) => (index === 0 ? { ...line, quantity: quantity ?? 1 } : line));
    const body = { eventId, userId, ...toBody(eventId, wanted) };
    return this.random.isChance(SHARE_QUEUED)
      ? this.bookByQueue(key, body)
      : this.attempt('/book', body, toAnswer, key);
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

  /** Lets the booking wait in the queue of its event, and asks until it is decided. */
  private async bookByQueue(key: string, body: object): Promise<Attempt> {
    // A repetition may be told what was decided for an earlier one.
    const startMs = this.queuedSinceMs.get(key) ?? performance.now();
    this.queuedSinceMs.set(key, startMs);
    const headers = { 'idempotency-key': key, prefer: 'respond-async' };
    const answer = await this.send('POST', '/book', TIMEOUT_MS, body, headers)
      .then(async (response) => {
        const { request } = response.body;
        return request ? toAnswer(toDirect(await this.untilDecided(request), response.isReplay)) : toAnswer(response);
      })
      .catch((error: unknown) => {
        if (error instanceof NoResponse) return withoutResponse(error);
        throw error;
      });
    return { startMs, endMs: performance.now(), answer };
  }

  /** Throws NoResponse where it takes too long. */
  private async untilDecided(asked: RequestView): Promise<RequestView> {
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      const response = await this.send('GET', `/requests/${asked._id}`, TIMEOUT_MS).catch(() => undefined);
      const request = response?.body.request;
      if (request && request.status !== 'queued') return request;
      if (performance.now() > deadline) throw new NoResponse('timeout');
      await sleep(LOOK_AGAIN_MS);
    }
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

/** What the caller would have been answered without the queue. */
function toDirect({ _id, status, booking, problem }: RequestView, isReplay: boolean): Response {
  if (booking) return { status: 201, isReplay: isReplay || booking._id !== _id, body: { booking } };
  if (problem) return { status: problem.status, isReplay, body: problem };
  return { status: 500, isReplay, body: { code: `a request that is ${status}` } };
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
