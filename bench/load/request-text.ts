import { postText } from './http-text.js';
import type { LoadPlan } from './plan.js';

let users = 0;

/** One request of an open load, as it goes over the wire. */
export function toRequestText({ eventIds, key, userId = `user-${process.pid}-${++users}` }: LoadPlan): string {
  const eventId = eventIds[Math.floor(Math.random() * eventIds.length)] ?? '';
  return postText('/book', { eventId, userId }, key);
}
