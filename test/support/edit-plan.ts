import { type Booking, BOOKINGS } from '../../src/bookings/booking.js';
import { book } from '../../src/bookings/decide/book.js';
import { cancel } from '../../src/bookings/decide/cancel.js';
import type { Command, CommandKind, Decision } from '../../src/bookings/decide/command.js';
import { changesOf, planCommands } from '../../src/bookings/decide/planner.js';
import { deleteEvent, type DeleteEventCommand } from '../../src/event-edits/decide/delete-event.js';
import { editEvent, type EditEventCommand } from '../../src/event-edits/decide/edit-event.js';
import type { EventPatch } from '../../src/event-edits/decide/event-patch.js';
import { EVENT_EDITS, EVENT_USES, type EventUse } from '../../src/event-edits/decide/tables.js';
import type { EventEdit } from '../../src/events/event-edit.js';
import type { Event } from '../../src/events/event.js';
import { confirm } from '../../src/holds/decide/confirm.js';
import { expireHolds, settleHolds } from '../../src/holds/decide/expire.js';
import { extend } from '../../src/holds/decide/extend.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import { anEvent, byId, EVENT_ID, NOW } from './factories.js';

const KINDS: readonly CommandKind[] = [book, cancel, editEvent, deleteEvent, confirm, extend, settleHolds];

/** What was read for a plan. */
export interface GivenToEdit {
  readonly event?: Event;
  readonly bookings?: readonly Booking[];
  readonly holds?: readonly Hold[];
  /** How many holds one plan may end. */
  readonly dueMax?: number;
  readonly edits?: readonly EventEdit[];
  readonly uses?: readonly EventUse[];
  readonly mayHaveCommitted?: boolean;
}

/** An edit of the event by an organiser who has seen these versions. */
export function anEdit(editId: string, patch: EventPatch, versions: readonly number[] | undefined = [1]) {
  const command: EditEventCommand = {
    kind: 'editEvent',
    eventId: EVENT_ID,
    editId,
    versions,
    patch,
    by: undefined,
    at: NOW,
  };
  return command;
}

export function aDeletion(editId: string): DeleteEventCommand {
  return { kind: 'deleteEvent', eventId: EVENT_ID, editId, by: undefined, at: NOW };
}

/** The plan of bookings, holds, edits and deletions of one event. */
export function planEdits(commands: readonly Command[], given: GivenToEdit = {}) {
  const { event = anEvent(), bookings = [], holds = [], edits = [], uses = [] } = given;
  const { dueMax = 1, mayHaveCommitted = false } = given;
  const documents = new Map<string, readonly unknown[]>([
    [BOOKINGS.name, bookings],
    [HOLDS.name, holds],
    [EVENT_EDITS.name, edits],
    [EVENT_USES.name, uses],
  ]);
  const kinds = new Map(KINDS.map((kind) => [kind.kind, kind]));
  const rules = { kinds, dueRules: [expireHolds], freeingRules: [], closingRules: [], dueMax };
  const plan = planCommands(commands, { events: byId(event), documents }, rules, { now: NOW, mayHaveCommitted });
  return {
    ...plan,
    verdicts: plan.outcomes.map(verdictOf),
    lines: plan.movements.flatMap(({ lines }) => lines.map(({ kind, quantity }) => `${kind} ${quantity}`)),
    bookedIds: changesOf(plan, BOOKINGS).inserted.map(({ id }) => id),
    edits: changesOf(plan, EVENT_EDITS).inserted,
  };
}

function verdictOf(outcome: Decision): string {
  if (outcome === undefined) return 'waits';
  return outcome.kind === 'done' ? 'done' : outcome.problem.code;
}
