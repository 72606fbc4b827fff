import type { Event } from '../events/index.js';

/** The newest state of an event, as it is written to a stream: all of its listeners share the text. */
export interface Message {
  readonly eventId: string;
  readonly revision: number;
  readonly text: string;
}

/** Returns the message of server-sent events whose id is the revision and whose data is the availability. */
export function toMessage(event: Event): Message {
  const { id: eventId, revision, availableTickets, heldTickets, soldTickets } = event;
  const sections = event.sections.map(({ id, ...counts }) => ({
    _id: id,
    availableTickets: counts.availableTickets,
    heldTickets: counts.heldTickets,
    soldTickets: counts.soldTickets,
  }));
  const data = { eventId, revision, availableTickets, heldTickets, soldTickets, sections };
  return { eventId, revision, text: `id: ${revision}\ndata: ${JSON.stringify(data)}\n\n` };
}
