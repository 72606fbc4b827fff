import { type Command, type CommandKind, type Lookup, refuse, userTicketsLookup } from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import { eventNotFound } from '../../events/index.js';
import { endHold, followHolder, HOLDS } from '../../holds/index.js';
import { ENDS, ENTRIES, type Entry, statusOf } from '../entry.js';
import { mayBecome } from '../entry-states.js';
import { entryNotFound, wrongEntryState } from '../waitlist.problems.js';

/** Somebody waits no longer; tickets that were offered are given back. */
export interface LeaveCommand extends Command {
  readonly kind: 'leaveWaitlist';
  readonly entryId: string;
  /** Whose entry it is. */
  readonly userId: string;
  /** When it arrived. */
  readonly at: Instant;
}

export const leave: CommandKind<LeaveCommand, Entry> = {
  kind: 'leaveWaitlist',

  lookups: ({ eventId, entryId, userId }, { events }): Lookup[] => [
    { table: ENTRIES.name, eventId, by: 'id', value: entryId },
    { table: HOLDS.name, eventId, by: 'id', value: entryId },
    ...userTicketsLookup(events.get(eventId), userId),
  ],

  // The hold of an offer has the id of its entry.
  follow: (command, known, documents) => followHolder({ ...command, holdId: command.entryId }, known, documents),

  decide({ eventId, entryId, at }, draft) {
    const entry = draft.find(ENTRIES, entryId);
    const event = draft.findEvent(eventId);
    if (!entry) return refuse(entryNotFound(entryId));
    if (!event) return refuse(eventNotFound(eventId));
    const hold = draft.find(HOLDS, entryId);
    // A command before this one, or time, may have ended the offer: its entry is written when all is decided.
    const status = hold && hold.status !== 'active' ? ENDS[hold.status] : statusOf(entry, event, at);
    if (status === 'left') {
      draft.relyOn(eventId);
      return { kind: 'done', result: { ...entry, status }, isReplay: false };
    }
    if (!mayBecome(status, 'left')) return refuse(wrongEntryState(status, 'left'));
    const left: Entry = { ...entry, status: 'left' };
    draft.put(ENTRIES, left);
    if (hold) endHold(draft, event, hold, 'released');
    else if (event.waitlist) {
      draft.changeEvent(eventId, { waitlist: { ...event.waitlist, waiting: event.waitlist.waiting - 1 } });
    }
    return { kind: 'done', result: left, isReplay: false };
  },
};
