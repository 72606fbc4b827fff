import { type Table, within } from '../../bookings/index.js';
import type { EventEdit } from '../../events/index.js';

/** Edits are found by their id. */
export const EVENT_EDITS: Table<EventEdit> = { name: 'eventEdits', namesOf: ({ id }) => [id] };

/** That something names an event, or one of its sections. */
export interface EventUse {
  readonly eventId: string;
  /** Undefined for the event itself. */
  readonly sectionId: string | undefined;
}

/** What is read and never written: whether an event, or a section, has ever had a booking, a hold, a waitlist entry or a queued request. */
export const EVENT_USES: Table<EventUse> = {
  name: 'eventUses',
  namesOf: ({ eventId, sectionId }) => [within(eventId, sectionId)],
};
