import { call } from './api.js';
import type { EventAnswer, TicketEvent } from './types.js';

/** Edits an event of this ETag; of any, where that is `*`. Returns it as it is now. */
export async function patchEvent(eventId: string, patch: object, etag: string): Promise<TicketEvent> {
  const headers = { 'if-match': etag };
  const { body } = await call<EventAnswer>('PATCH', `/events/${eventId}`, { body: patch, headers, insists: true });
  return body.event;
}

/** Whatever else was edited meanwhile: somebody stops a sale, or goes on with it. */
export function setStatus(eventId: string, status: TicketEvent['status']): Promise<TicketEvent> {
  return patchEvent(eventId, { status }, '*');
}
