import { call } from '../lib/api.js';
import type { EventAnswer, EventStatus, TicketEvent } from '../lib/types.js';

/** Whatever else was edited meanwhile: somebody stops a sale, or goes on with it. */
export async function setStatus(eventId: string, status: EventStatus): Promise<TicketEvent> {
  const headers = { 'if-match': '*' };
  const { body: answer } = await call<EventAnswer>('PATCH', `/events/${eventId}`, {
    body: { status },
    headers,
    insists: true,
  });
  return answer.event;
}
