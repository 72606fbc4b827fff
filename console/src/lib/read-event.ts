import { call } from './api.js';
import type { EventAnswer, TicketEvent } from './types.js';

/** An event as it was read, with what `If-Match` needs to edit it. */
export interface ReadEvent {
  readonly event: TicketEvent;
  readonly etag: string;
}

/** Reads the event at this revision or a later one: another server may still remember the one before. */
export async function readEvent(eventId: string, leastRevision: number, signal?: AbortSignal): Promise<ReadEvent> {
  const { body, headers } = await call<EventAnswer>('GET', `/events/${eventId}`, {
    headers: { 'min-event-revision': String(leastRevision) },
    ...(signal && { signal }),
  });
  return { event: body.event, etag: headers.get('etag') ?? '*' };
}
