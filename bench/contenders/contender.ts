import { setTimeout as sleep } from 'node:timers/promises';

/** One of those that are compared, running: one process, or several on one database. */
export interface Contender {
  readonly name: string;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  /** The name of its database in MongoDB; nothing is there of those on PostgreSQL, and of those that keep nothing. */
  readonly database: string;
  /** Of that database. */
  readonly uri: string;
  /** How many bookings are in its database by now. Undefined for those who keep none. */
  readonly countRows: (() => Promise<number>) | undefined;
  /** Whether it is the product, which recounts its own books. */
  readonly isProduct: boolean;
  /** The API key that its callers send; undefined where it asks for none. */
  readonly key: string | undefined;
}

/** So many that none is ever sold out. */
const PLENTY = 100_000_000;
const CREATED_AT_ONCE = 10;
const REQUEST_TIMEOUT_MS = 120_000;
const SETTLED_AFTER_MS = 200;
const SETTLED_WITHIN_MS = 15_000;

export interface NewEvents {
  readonly count: number;
  readonly totalTickets?: number;
  readonly maxTicketsPerUser?: number;
}

/** The ids of new events. Undefined when the contender refuses to make them so. */
export async function createEvents(
  { urls, key }: Contender,
  { count, totalTickets = PLENTY, maxTicketsPerUser }: NewEvents,
): Promise<string[] | undefined> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += CREATED_AT_ONCE) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(CREATED_AT_ONCE, count - made) }, () =>
        post(
          `${urls[0]}/events/create`,
          { name: 'Concert Night', totalTickets, ...(maxTicketsPerUser !== undefined && { maxTicketsPerUser }) },
          key,
        ),
      ),
    );
    for (const { status, body } of answers) {
      if (status === 400 && maxTicketsPerUser !== undefined) return undefined;
      const { event } = body as { event?: { _id: string } };
      if (!event) throw new Error(`an event was not created: ${status} ${JSON.stringify(body)}`);
      ids.push(event._id);
    }
  }
  return ids;
}

export function post(url: string, body: object, key?: string): Promise<{ status: number; body: unknown }> {
  return ask(url, key, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Whether the event's books balance, recounted by the product. */
export async function isBalanced({ urls, key }: Contender, eventId: string): Promise<boolean> {
  const { body } = await ask(`${urls[0]}/events/${eventId}/integrity`, key);
  return (body as { balanced?: boolean }).balanced === true;
}

export interface EventCounts {
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
}

export async function getEvent({ urls, key }: Contender, eventId: string): Promise<EventCounts> {
  const { body } = await ask(`${urls[0]}/events/${eventId}`, key);
  return (body as { event: EventCounts }).event;
}

/** Returns when no booking is made any more of those that were asked for by callers who have left. */
export async function untilSettled({ countRows }: Contender): Promise<void> {
  if (!countRows) return;
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  let [before, now] = [-1, await countRows()];
  while (before !== now && Date.now() < deadline) {
    await sleep(SETTLED_AFTER_MS);
    [before, now] = [now, await countRows()];
  }
}

async function ask(
  url: string,
  key: string | undefined,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { ...init.headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  return { status: response.status, body: await response.json() };
}
