import { randomUUID } from 'node:crypto';
import type autocannon from 'autocannon';
import type { LoadPlan } from './plan.js';

/** Counts on from load to load: no user comes twice. */
let users = 0;

/** What a caller sends, one after another, again and again. */
export function toRequests(plan: LoadPlan): autocannon.Request[] {
  if (plan.request === 'hold') return toHoldAndConfirm(plan);
  return [{ setupRequest: (request) => fill(request, plan) }];
}

/** A hold, and its confirmation where there is a hold. */
function toHoldAndConfirm(plan: LoadPlan): autocannon.Request[] {
  const headers = headersOf(plan);
  return [
    {
      setupRequest: (request) => ({ ...request, method: 'POST', path: '/holds', headers, body: wishOf(plan) }),
      onResponse: (_status, body, context) => Object.assign(context, { holdId: findHoldId(body) }),
    },
    {
      setupRequest: (request, { holdId }: { holdId?: string }) => {
        // Without a request autocannon goes on with the next hold; its types do not say so.
        if (holdId === undefined) return undefined as unknown as autocannon.Request;
        return { ...request, method: 'POST', path: `/holds/${holdId}/confirm`, headers, body: '{}' };
      },
    },
  ];
}

/** The id in the answer to a hold; undefined where it was refused. */
export function findHoldId(body: string): string | undefined {
  return /"hold":\{"_id":"([0-9a-f]{24})"/.exec(body)?.[1];
}

function fill(request: autocannon.Request, plan: LoadPlan): autocannon.Request {
  if (plan.request === 'get') return { ...request, method: 'GET', path: `/events/${anyEvent(plan)}` };
  const headers = headersOf(plan);
  const book = { ...request, method: 'POST', path: '/book' } as const;
  if (plan.request === 'book') return { ...book, headers, body: wishOf(plan) };
  return {
    ...book,
    headers: { ...headers, 'idempotency-key': randomUUID() },
    body: wishOf(plan, { reference: `order-${users + 1}` }),
  };
}

function headersOf({ key }: LoadPlan): Record<string, string> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return { 'content-type': 'application/json', ...authorization };
}

/** A ticket for somebody who has not been here before. */
function wishOf(plan: LoadPlan, more: object = {}): string {
  return JSON.stringify({ eventId: anyEvent(plan), userId: `user-${process.pid}-${++users}`, ...more });
}

function anyEvent({ eventIds }: LoadPlan): string {
  return eventIds[Math.floor(Math.random() * eventIds.length)] ?? '';
}
