import type { LoadPlan } from './plan.js';

let users = 0;

/** One request of an open load, as it goes over the wire. */
export function toRequestText({ eventIds, key, userId = `user-${process.pid}-${++users}` }: LoadPlan): string {
  const eventId = eventIds[Math.floor(Math.random() * eventIds.length)] ?? '';
  const body = JSON.stringify({ eventId, userId });
  const headers = [
    'POST /book HTTP/1.1',
    'Host: bench',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}
