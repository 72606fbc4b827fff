import type { EventStatus } from './event.js';

/** What an event may become. */
const NEXT: Readonly<Record<EventStatus, readonly EventStatus[]>> = {
  draft: ['on_sale', 'cancelled'],
  on_sale: ['paused', 'ended', 'cancelled'],
  paused: ['on_sale', 'ended', 'cancelled'],
  ended: ['on_sale', 'cancelled'],
  cancelled: [],
};

/** Whether the change from one state to the other is legal; to stay as it is always is. */
export function mayBecome(from: EventStatus, to: EventStatus): boolean {
  return from === to || NEXT[from].includes(to);
}
