import type { LoadPlan } from './plan.js';

let users = 0;

/** One request of an open load, as it goes over the wire. */
export function toRequestText({ eventIds }: LoadPlan): string {
  const eventId = eventIds[Math.floor(Math.random() * eventIds.length)] ?? '';
  const body = JSON.stringify({ eventId, userId: `user-${process.pid}-${++users}` });
  return `POST /book HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
