import { type Command, type CommandKind, type Lookup, refuse, within } from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import { capacityLines, configurationOf, eventNotFound } from '../../events/index.js';
import { eventInUse } from '../event-edits.problems.js';
import { EVENT_EDITS, EVENT_USES } from './tables.js';

/** An event that nobody has booked or held is deleted. Its movements stay, and add up to nothing. */
export interface DeleteEventCommand extends Command {
  readonly kind: 'deleteEvent';
  /** The id of the edit that it leaves. */
  readonly editId: string;
  readonly by: string | undefined;
  readonly at: Instant;
}

export const deleteEvent: CommandKind<DeleteEventCommand, null> = {
  kind: 'deleteEvent',

  lookups: ({ eventId, editId }, { mayHaveCommitted }): Lookup[] => [
    ...(mayHaveCommitted ? [{ table: EVENT_EDITS.name, eventId, by: 'id', value: editId }] : []),
    { table: EVENT_USES.name, eventId, by: 'event', value: eventId },
  ],

  decide({ eventId, editId, by, at }, draft) {
    if (draft.find(EVENT_EDITS, editId)) return { kind: 'done', result: null, isReplay: false };
    const event = draft.findEvent(eventId);
    if (!event) return refuse(eventNotFound(eventId));
    if (draft.find(EVENT_USES, within(eventId, undefined))) return refuse(eventInUse(eventId));
    // A command before this one may have made the first booking.
    if (draft.isWritten(eventId)) return undefined;
    const [version, before] = [event.version + 1, configurationOf(event)];
    draft.move(eventId, capacityLines(event, 'removed'));
    draft.put(EVENT_EDITS, { id: editId, eventId, kind: 'deleted', version, at, by, before });
    draft.deleteEvent(eventId);
    return { kind: 'done', result: null, isReplay: false };
  },
};
