import type { SpanAttributes } from '../../common/trace.js';
import type { Command } from '../decide/command.js';

/** What spans say of a command: its kind and its event, never whose it is. */
export function aboutCommand({ kind, eventId }: Command): SpanAttributes {
  return { 'ticket_booking.command.kind': kind, 'ticket_booking.event.id': eventId };
}
