import { isDeepStrictEqual } from 'node:util';
import type { Booking } from '../../../src/bookings/booking.js';
import type { Event } from '../../../src/events/event.js';
import { asHeld, type Hold } from '../../../src/holds/hold.js';
import { asJoined, type Entry } from '../../../src/waitlist/entry.js';
import { type Call, describe, DROPPED, NOT_KNOWN } from './calls.js';
import type { Fault, FaultKind, Note } from './faults.js';
import { isAs, type Kept } from './kept.js';
import { isPaidAsTold } from './payments.js';
import { Replay } from './replay.js';
import { POISON } from './simulated-database.js';
import { LIMITS } from './simulated-process.js';
import { bookingsIn, type CommittedState, entriesIn, holdsIn } from './simulated-store.js';
import { isAsWanted } from './terms.js';
import type { World } from './world.js';

/** Who waits to be tried again when the deadline passes is told after that pause. */
const PAUSE_MS = 100;

/** What is wrong with what was committed and with what callers were told, by the model's lights. */
export function judge(world: World): Fault[] {
  const faults: Fault[] = [];
  const note: Note = (kind, text) => void faults.push({ kind, text });
  const events = [...world.store.history[0]!.events.values()];
  const replays = events.map((event) => new Replay(world, event, note));
  for (const replay of replays) {
    const { terms, liveHoldsCount, waiting } = replay.model;
    if (terms.status === 'cancelled' && liveHoldsCount > 0) note('not given back', `${liveHoldsCount} holds`);
    if (terms.status === 'on_sale' && waiting.reserved.size > 0) note('not handed over', 'what was kept');
    for (const call of replay.calls) judgeAnswer(world, replay, call, note);
  }
  for (const { faults: broken, leftovers } of world.processes) {
    for (const text of [...broken, ...leftovers]) note('broken process', text);
  }
  return faults;
}

function judgeAnswer(world: World, replay: Replay, call: Call, note: Note): void {
  const { answer, bookingId, wish, process } = call;
  const say = (kind: FaultKind) => note(kind, describe(call));
  if (!answer) return process.isAlive ? say('no answer') : undefined;
  if (call.answeredMs - call.askedMs > LIMITS.deadlineMs + PAUSE_MS) say('late answer');
  if (!isPaidAsTold(replay.model, call)) say('acknowledged, not done');
  const truths = replay.answers.get(call)!;
  if (answer.kind === 'error') {
    if (answer.message !== POISON || wish?.userId !== POISON) say('unexpected answer');
  } else if (answer.kind === 'problem') {
    if (![...truths, ...DROPPED, ...NOT_KNOWN].includes(codeOf(answer))) say('untrue refusal');
  } else if (isOfEdit(answer.made)) {
    if (!isEditAsTold(world, replay, call, answer.made)) say('acknowledged, not done');
  } else if (isEntry(answer.made)) {
    if (!isEntryAsTold(world, call, answer.made, truths)) say('acknowledged, not done');
  } else if (answer.isReplay) {
    const { made } = answer;
    const isSame = isBooking(made) ? isFirstAnswer(world, replay, call, made) : isAsHeld(world, made);
    if (!isSame || !truths.has(`replay of ${made.id}`)) say('untrue replay');
  } else if (answer.made.id !== bookingId) {
    say('answer of another');
  } else {
    const { made } = answer;
    const isDone = isBooking(made) ? isBookingAsTold(world, replay, call, made) : isHoldAsTold(world, call, made);
    if (!isDone) say('acknowledged, not done');
  }
}

/** The code, and for a stale edit the version that the caller was told. */
function codeOf({ code, detail }: { readonly code: string; readonly detail: string }): string {
  return code === 'precondition_failed' ? `${code} ${/version (\d+)/.exec(detail)?.[1]}` : code;
}

type Made = Booking | Hold | Entry | Event | null;

function isOfEdit(made: Made): made is Event | null {
  return made === null || 'sections' in made;
}

function isEntry(made: Made): made is Entry {
  return made !== null && 'joinedAt' in made;
}

/** Whether the entry was as its caller was told: as it joined, or left. */
function isEntryAsTold({ store }: World, call: Call, made: Entry, truths: ReadonlySet<string>): boolean {
  const isMine = made.id === call.bookingId;
  const isTrue = isMine
    ? truths.has('granted')
    : ['replay of', 'waits as'].some((how) => truths.has(`${how} ${made.id}`));
  return store.history.slice(call.asked, call.answered + 1).some((state) => {
    const stored = entriesIn(state).get(made.id);
    if (!isTrue || !stored || !isDeepStrictEqual(asJoined(stored), asJoined(made))) return false;
    const isOver = stored.status === 'left' || state.events.get(call.eventId)?.status === 'cancelled';
    return call.does === 'join' || (isMine && made.status === 'left' && isOver);
  });
}

/** Whether the event was as its caller was told, and as the call has made it; as it wants it, where there was nothing to do. */
function isEditAsTold({ store }: World, { edits }: Replay, call: Call, made: Event | null): boolean {
  const done = edits.get(call);
  if (!made) return done !== undefined && done <= call.answered;
  return store.history.slice(done ?? call.asked, call.answered + 1).some(({ events }) => {
    const event = events.get(call.eventId);
    return event && isDeepStrictEqual(event, made) && (done !== undefined || isAsWanted(event, call.edit!));
  });
}

function isBooking(made: Booking | Hold): made is Booking {
  return 'bookedAt' in made;
}

/** Whether the booking is as its caller had to be told the first time. */
function isFirstAnswer(world: World, { model }: Replay, { part }: Call, made: Booking): boolean {
  const sold = model.find(made.id);
  const first = part ? sold?.parts.get(part.key)?.kept : sold?.first;
  return first !== undefined && isTrue(world, made, first);
}

/** Whether the booking is as the call has made it; as it was meanwhile, where there was nothing to do. */
function isBookingAsTold(world: World, replay: Replay, call: Call, made: Booking): boolean {
  const own = replay.effects.get(call);
  if (own) return own.number <= call.answered && isTrue(world, made, own.kept);
  const moments = replay.momentsOf(call);
  return moments.some((kept) => isLikeDone(call, kept) && isTrue(world, made, kept));
}

/** Whether the state is what the call has asked for, whoever has made it so. */
function isLikeDone({ does, part, to }: Call, { status, userId }: Kept): boolean {
  if (does === 'cancel') return part === undefined && status === 'cancelled';
  return does === 'confirm' || (does === 'transfer' && userId === to);
}

/** Whether these are the contents of the booking that is stored, and it is in this state. */
function isTrue({ store }: World, made: Booking, kept: Kept): boolean {
  return isAs(made, kept) && isDeepStrictEqual(constantsOf(made), constantsOf(bookingsIn(store.latest).get(made.id)));
}

/** What never changes in a booking. */
function constantsOf(booking: Booking | undefined) {
  if (!booking) return undefined;
  const { id, eventId, bookedAt, reference, metadata, idempotency, soldBy } = booking;
  return { id, eventId, bookedAt, reference, metadata, idempotency, soldBy };
}

function isAsHeld({ store }: World, made: Hold): boolean {
  const hold = holdsIn(store.latest).get(made.id);
  return hold !== undefined && isDeepStrictEqual(made, asHeld(hold));
}

function isHoldAsTold({ store }: World, call: Call, made: Hold): boolean {
  const states = store.history.slice(call.asked, call.answered + 1);
  return states.some((state) => heldIn(state, call, made).some((hold) => isDeepStrictEqual(made, hold)));
}

/** What a call may be told about its hold in this state: a later command of the same batch may have changed it again. */
function heldIn(state: CommittedState, { does, bookingId }: Call, { expiresAt, settlements }: Hold): Hold[] {
  const stored = holdsIn(state).get(bookingId);
  if (!stored) return [];
  if (does === 'hold') return [asHeld(stored)];
  const hold = { ...stored, settlements: stored.settlements.slice(0, settlements.length) };
  const extended: Hold = { ...hold, status: 'active', expiresAt: Math.min(expiresAt, hold.expiresAt) };
  return does === 'extend' ? [hold, extended] : [hold];
}
