import { type Command, type CommandKind, type Draft, type Lookup, type Outcome, refuse } from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import { Problem } from '../../common/problem.js';
import { configurationOf, type Event, type EventChanges, eventNotFound } from '../../events/index.js';
import { preconditionFailed } from '../event-edits.problems.js';
import { type Edit, toEdit } from './edited.js';
import type { EventPatch } from './event-patch.js';
import { EVENT_EDITS, EVENT_USES } from './tables.js';

/** An organiser changes what an event is. */
export interface EditEventCommand extends Command {
  readonly kind: 'editEvent';
  /** The id of the edit that it makes, by which a later attempt finds what an earlier one did. */
  readonly editId: string;
  /** The versions that the organiser has seen; undefined for any. */
  readonly versions: readonly number[] | undefined;
  readonly patch: EventPatch;
  readonly by: string | undefined;
  readonly at: Instant;
}

export const editEvent: CommandKind<EditEventCommand, Event> = {
  kind: 'editEvent',

  // Who stops a sale does not wait behind the rush that it is to stop.
  goesFirst: ({ patch: { status } }) => status !== undefined && status !== 'on_sale',

  lookups(command, { events, mayHaveCommitted }): Lookup[] {
    const { eventId, editId } = command;
    return [
      ...(mayHaveCommitted ? [{ table: EVENT_EDITS.name, eventId, by: 'id', value: editId }] : []),
      ...toRemove(command, events.get(eventId)).map((value) => ({
        table: EVENT_USES.name,
        eventId,
        by: 'section',
        value,
      })),
    ];
  },

  decide({ eventId, editId, versions, patch, by, at }, draft) {
    const event = draft.findEvent(eventId);
    if (!event) return refuse(eventNotFound(eventId));
    if (draft.find(EVENT_EDITS, editId)) return tell(event, draft);
    if (versions && !versions.includes(event.version)) return refuse(preconditionFailed(event.version));
    const edit = toEdit(event, patch, draft);
    if (edit instanceof Problem) return refuse(edit);
    // What a command before this one has made of a section is not among the uses that were read.
    const removes = patch.sections?.some(({ remove }) => remove) === true;
    if (removes && draft.isWritten(eventId)) return undefined;
    if (Object.keys(edit.changes).length === 0 && edit.lines.length === 0) {
      draft.relyOn(eventId);
      return tell(event, draft);
    }
    const version = event.version + 1;
    draft.move(eventId, edit.lines);
    draft.changeEvent(eventId, { ...edit.changes, ...giveUpHolds(event, edit, at), version });
    draft.put(EVENT_EDITS, { id: editId, eventId, kind: 'edited', version, at, by, before: configurationOf(event) });
    return tell(event, draft);
  },

  // What it frees may be handed over, once all is decided.
  conclude: (event, draft) => draft.eventAfter(event),
};

/**
 * The event as this transaction leaves it: no command behind is decided on this draft. What was read for those was read for
 * another event, for example without counts of users; and they would make the revision, which the answer has, that of
 * other counts.
 */
function tell(event: Event, draft: Draft): Outcome<Event> {
  draft.close(event.id);
  return { kind: 'done', result: draft.eventAfter(event), isReplay: false };
}

/** The ids of the sections of which it has to be read whether they were used: not where the answer is no all the same. */
function toRemove({ patch, versions }: EditEventCommand, event: Event | undefined): string[] {
  if (!event || (versions && !versions.includes(event.version))) return [];
  const unused = event.sections.filter(({ heldTickets, soldTickets }) => heldTickets + soldTickets === 0);
  return (
    patch.sections?.filter(({ id, remove }) => remove && unused.some((each) => each.id === id)).map(({ id }) => id) ??
    []
  );
}

/** The holds of an event that is cancelled end now: the pulse finds it by that moment. */
function giveUpHolds({ nextHoldExpiresAt }: Event, { changes }: Edit, now: Instant): EventChanges {
  if (changes.status !== 'cancelled' || nextHoldExpiresAt === undefined) return {};
  return { nextHoldExpiresAt: Math.min(nextHoldExpiresAt, now) };
}
