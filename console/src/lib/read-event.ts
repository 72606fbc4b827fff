import { call } from './api.js';
import type { EventAnswer, TicketEvent } from './types.js';

/** An event as it was read, with what `If-Match` needs to edit it. */
export interface ReadEvent {
  readonly event: TicketEvent;
  readonly etag: string;
}

export async function readEvent(eventId: string, signal?: AbortSignal): Promise<ReadEvent> {
  const { body, headers } = await call<EventAnswer>('GET', `/events/${eventId}`, signal ? { signal } : {});
  return { event: body.event, etag: headers.get('etag') ?? '*' };
}
