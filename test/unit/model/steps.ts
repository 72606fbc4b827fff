import { isDeepStrictEqual } from 'node:util';
import { BOOKING_CHANGES, type BookingChange } from '../../../src/bookings/booking-change.js';
import type { EventEdit } from '../../../src/events/index.js';
import { editsIn, type CommittedState } from './simulated-store.js';

/** Something that a commit has done to a booking, a hold or an entry. */
interface Step {
  readonly kind: string;
  readonly bookingId: string;
  /** Of a booking that was there before. */
  readonly change: BookingChange | undefined;
}

/**
 * What a commit has done, in the order of its decisions, by its movements and by the changes that it has stored. It is
 * whole if each change has the lines that it says, and these are in no other.
 */
export function stepsOf(
  state: CommittedState,
  earlier: CommittedState | undefined,
  eventId: string,
): { steps: Step[]; isWhole: boolean } {
  const lines = state.movements
    .filter((each) => each.eventId === eventId)
    .flatMap((movement) => movement.lines)
    .filter(({ kind }) => kind !== 'added' && kind !== 'removed')
    // Those that name an entry are the marks of who has joined or left.
    .filter(({ kind, bookingId }) => bookingId !== undefined || (kind !== 'reserved' && kind !== 'unreserved'));
  const changes = newChanges(state, earlier).filter((change) => change.eventId === eventId);
  const steps = new Map<string, Step>();
  let isWhole = true;
  for (let index = 0; index < lines.length;) {
    const { kind, bookingId = '' } = lines[index]!;
    if (kind !== 'cancelled' && kind !== 'transferred') {
      steps.set(`${kind} ${bookingId}`, { kind, bookingId, change: undefined });
      index += 1;
      continue;
    }
    const change = changes.find((each) => each.bookingId === bookingId);
    if (!change) return { steps: [...steps.values()], isWhole: false };
    changes.splice(changes.indexOf(change), 1);
    const own = lines.slice(index, index + change.lines.length);
    isWhole &&= isDeepStrictEqual(
      own,
      change.lines.map((line) => ({ kind: change.kind, bookingId, ...line })),
    );
    steps.set(change.id, { kind, bookingId, change });
    index += change.lines.length;
  }
  return { steps: [...steps.values()], isWhole: isWhole && changes.length === 0 };
}

/** In the order of their bookings' histories. */
function newChanges({ tables }: CommittedState, earlier: CommittedState | undefined): BookingChange[] {
  const [all, known] = [tables.get(BOOKING_CHANGES.name), earlier?.tables.get(BOOKING_CHANGES.name)];
  if (!all || all === known) return [];
  const made = [...all].filter(([name]) => !known?.has(name)).map(([, change]) => change as BookingChange);
  return made.sort((one, other) => one.number - other.number);
}

/** The edits of the event that a commit has stored. */
export function editsOf(state: CommittedState, earlier: CommittedState | undefined, eventId: string): EventEdit[] {
  const known = earlier && editsIn(earlier);
  const stored = [...editsIn(state)].filter(([name]) => !known?.has(name)).map(([, edit]) => edit);
  return stored.filter((edit) => edit.eventId === eventId);
}
