import { call } from '../lib/api.js';
import type { EventAnswer, EventStatus } from '../lib/types.js';

/** Whatever else was edited meanwhile: somebody stops a sale, or goes on with it. */
export async function setStatus(eventId: string, status: EventStatus): Promise<void> {
  const headers = { 'if-match': '*' };
  await call<EventAnswer>('PATCH', `/events/${eventId}`, { body: { status }, headers, insists: true });
}
