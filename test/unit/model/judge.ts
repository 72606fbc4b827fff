import { isDeepStrictEqual } from 'node:util';
import { asBooked, type Booking } from '../../../src/bookings/booking.js';
import { asHeld, type Hold } from '../../../src/holds/hold.js';
import { USER_TICKETS, type UserTickets } from '../../../src/bookings/decide/user-tickets.js';
import type { Event } from '../../../src/events/event.js';
import { Model } from './model.js';
import { POISON } from './simulated-database.js';
import { LIMITS } from './simulated-process.js';
import { bookingsIn, type CommittedState, holdsIn } from './simulated-store.js';
import { type Call, EXTENSION_SECONDS, type World } from './world.js';

export type FaultKind =
  | 'unbalanced books'
  | 'sold against the rules'
  | 'cancelled twice'
  | 'ended twice'
  | 'ended early'
  | 'acknowledged, not done'
  | 'acknowledged before it was done'
  | 'denied, but done'
  | 'untrue refusal'
  | 'untrue replay'
  | 'answer of another'
  | 'unexpected answer'
  | 'no answer'
  | 'late answer'
  | 'out of order'
  | 'broken process';

export interface Fault {
  readonly kind: FaultKind;
  readonly text: string;
}

type Note = (kind: FaultKind, text: string) => void;

/** Answers that say that nothing was changed, whatever the books are. */
const DROPPED = ['overloaded', 'database_unavailable'];
/** Answers that promise nothing. */
const NOT_KNOWN = ['outcome_unknown', 'idempotency_in_progress'];
/** Who waits to be tried again when the deadline passes is told after that pause. */
const PAUSE_MS = 100;

/** What is wrong with what was committed and with what callers were told, by the model's lights. */
export function judge(world: World): Fault[] {
  const faults: Fault[] = [];
  const note: Note = (kind, text) => void faults.push({ kind, text });
  const events = [...world.store.history[0]!.events.values()];
  const replays = events.map((event) => new Replay(world, event, note));
  for (const { calls, answers } of replays) {
    for (const call of calls) judgeAnswer(world, call, answers.get(call)!, note);
  }
  for (const { faults: broken, leftovers } of world.processes) {
    for (const text of [...broken, ...leftovers]) note('broken process', text);
  }
  return faults;
}

/** Does in the model, one by one, what the commits have done to one event. */
class Replay {
  readonly calls: readonly Call[];
  /** What each call may be told: all that was true at a moment between its arrival and its answer. */
  readonly answers: ReadonlyMap<Call, Set<string>>;
  private readonly model: Model;
  private readonly lastTaken = new Map<unknown, number>();

  constructor(
    world: World,
    private readonly event: Event,
    private readonly note: Note,
  ) {
    this.model = new Model(event);
    this.calls = world.calls.filter(({ eventId }) => eventId === event.id);
    this.answers = new Map(this.calls.map((call) => [call, new Set()]));
    const { history } = world.store;
    history.forEach((state, number) => {
      const [before, after] = [history[number - 1]?.at ?? state.at, history[number + 1]?.at ?? Infinity];
      for (const [kind, bookingId] of stepsOf(state, event.id)) {
        this.take(kind, bookingId, number, state);
        this.witness(number - 1, number, before, state.at);
      }
      this.extend(state, number);
      this.model.status = state.events.get(event.id)!.status;
      this.witness(number, number, state.at, after);
      if (!this.agreesWith(state)) note('unbalanced books', `commit ${number}, event ${event.id}`);
    });
  }

  /** What is true between two moments, for whoever waits then. */
  private witness(after: number, before: number, from: number, until: number): void {
    for (const call of this.calls) {
      if (call.asked > after || call.answered < before) continue;
      for (const now of [Math.max(from, call.askedAt), Math.min(until, call.answeredAt)]) {
        for (const answer of answersTo(this.model, call, now)) this.answers.get(call)!.add(answer);
      }
    }
  }

  private take(kind: string, id: string, number: number, state: CommittedState): void {
    const hold = this.model.find(id)?.hold;
    if (kind === 'booked' && !hold) return this.sell(id, number, state);
    if (kind === 'held') return this.sell(id, number, state);
    if (kind === 'cancelled') return this.takeBack(id, number);
    if (!hold) return this.note('unbalanced books', `commit ${number}: ${kind} ${id}, which nobody holds`);
    if (kind === 'expired') {
      if (!hold.isLive) this.note('ended twice', `commit ${number}: ${id}`);
      if (hold.expiresAt > state.at) this.note('ended early', `commit ${number}: ${id}`);
      hold.isLive = false;
      return;
    }
    const does = kind === 'released' ? 'release' : 'confirm';
    const askers = this.calls.filter((call) => call.does === does && call.bookingId === id && call.asked < number);
    const granted = askers.filter((call) => answersTo(this.model, call, state.at).includes('granted'));
    if (hold.isLive !== (kind !== 'booked')) this.note('ended twice', `commit ${number}: ${kind} ${id}`);
    else if (granted.length === 0) this.note('sold against the rules', `commit ${number}: ${kind} ${id}`);
    if (askers.every(isDenied)) this.note('denied, but done', `commit ${number}: ${kind} ${id}`);
    hold.isLive = false;
    if (kind === 'released') hold.isReleased = true;
    else this.model.find(id)!.isBooked = true;
  }

  /** An extension moves no ticket. */
  private extend(state: CommittedState, number: number): void {
    for (const { id, expiresAt } of holdsIn(state).values()) {
      const hold = this.model.find(id)?.hold;
      if (!hold || hold.expiresAt === expiresAt) continue;
      const isAsked = this.calls.some(
        ({ does, bookingId, asked, askedAt }) =>
          does === 'extend' &&
          bookingId === id &&
          asked < number &&
          askedAt < hold.expiresAt &&
          expiresAt === askedAt + EXTENSION_SECONDS * 1_000,
      );
      if (!isAsked) this.note('sold against the rules', `commit ${number}: ${id} ends at ${expiresAt}`);
      hold.expiresAt = expiresAt;
    }
  }

  private sell(bookingId: string, number: number, state: CommittedState): void {
    const call = this.calls.find((each) => each.wish && each.bookingId === bookingId);
    if (!call?.wish) return this.note('unbalanced books', `commit ${number}: nobody has asked for ${bookingId}`);
    const answers = answersTo(this.model, call, state.at);
    const text = `commit ${number}: ${describe(call)}`;
    if (!answers.includes('granted')) this.note('sold against the rules', `${text}; true is ${answers.join()}`);
    if (isDenied(call)) this.note('denied, but done', text);
    else if (call.answer?.kind === 'granted' && call.answered < number) {
      this.note('acknowledged before it was done', text);
    }
    for (const other of this.calls) {
      if (isRepetition(other, call) && other.answered < number && isRefused(other)) {
        this.note('denied, but done', `${text}; repeated: ${describe(other)}`);
      }
    }
    const index = this.calls.indexOf(call);
    if ((this.lastTaken.get(call.process) ?? -1) > index) this.note('out of order', text);
    this.lastTaken.set(call.process, index);
    this.model.take(bookingId, call.wish, call.does === 'hold' ? firstTimesOf(state, bookingId) : undefined);
  }

  private takeBack(bookingId: string, number: number): void {
    const sold = this.model.find(bookingId);
    if (!sold?.isBooked || sold.isCancelled) this.note('cancelled twice', `commit ${number}: ${bookingId}`);
    if (sold) sold.isCancelled = true;
    const askers = this.calls.filter((call) => call.does === 'cancel' && call.bookingId === bookingId);
    if (askers.filter(({ asked }) => asked < number).every(isDenied)) {
      this.note('denied, but done', `commit ${number}: cancel ${bookingId}`);
    }
  }

  private agreesWith(state: CommittedState): boolean {
    const { events, tables } = state;
    const event = events.get(this.event.id)!;
    const { availableTickets, heldTickets, soldTickets, totalTickets, sections } = event;
    const pools = sections.map(({ id, ...section }) => section.availableTickets === this.model.available(id));
    const sum = sections.reduce((total, section) => total + section.availableTickets, 0);
    pools.push(availableTickets === (sections.length > 0 ? sum : this.model.available(undefined)));
    const ofEvent = ({ eventId }: { readonly eventId: string }) => eventId === this.event.id;
    const stored = [...bookingsIn(state).values()].filter(ofEvent);
    const holds = [...holdsIn(state).values()].filter(ofEvent);
    const counts = [...(tables.get(USER_TICKETS.name) ?? new Map()).values()] as UserTickets[];
    const isKnown = ({ id, status }: Booking) => this.model.find(id)?.isCancelled === (status === 'cancelled');
    const isActive = ({ status }: Hold) => status === 'active';
    const isHeld = (hold: Hold) => this.model.find(hold.id)?.hold?.isLive === isActive(hold);
    const next = event.nextHoldExpiresAt ?? Infinity;
    return (
      pools.every(Boolean) &&
      availableTickets + heldTickets + soldTickets === totalTickets &&
      stored.length === this.model.count &&
      stored.every(isKnown) &&
      holds.length === this.model.holdsCount &&
      holds.every(isHeld) &&
      holds.filter(isActive).every(({ expiresAt }) => next <= expiresAt) &&
      counts.filter(ofEvent).every(({ userId, tickets }) => tickets === this.model.ticketsOf(userId))
    );
  }
}

function judgeAnswer({ store }: World, call: Call, truths: ReadonlySet<string>, note: Note): void {
  const { answer, bookingId, wish, process } = call;
  const say = (kind: FaultKind) => note(kind, describe(call));
  if (!answer) return process.isAlive ? say('no answer') : undefined;
  if (call.answeredMs - call.askedMs > LIMITS.deadlineMs + PAUSE_MS) say('late answer');
  if (answer.kind === 'error') {
    if (answer.message !== POISON || wish?.userId !== POISON) say('unexpected answer');
  } else if (answer.kind === 'problem') {
    if (![...truths, ...DROPPED, ...NOT_KNOWN].includes(answer.code)) say('untrue refusal');
  } else if (answer.isReplay) {
    const isSame = isDeepStrictEqual(answer.made, asMade(store.latest, call, answer.made.id));
    if (!isSame || !truths.has(`replay of ${answer.made.id}`)) say('untrue replay');
  } else if (answer.made.id !== bookingId) {
    say('answer of another');
  } else {
    const states = store.history.slice(call.asked, call.answered + 1);
    const isDone = (made: unknown) => isDeepStrictEqual(answer.made, made);
    const until = 'expiresAt' in answer.made ? answer.made.expiresAt : 0;
    const isKnown = (state: CommittedState) =>
      isDone(asMade(state, call, bookingId)) || isDone(asGranted(state, call, bookingId, until));
    if (!states.some(isKnown)) say('acknowledged, not done');
  }
}

/** The same where a later command of the same batch has changed it again. */
function asGranted(state: CommittedState, { does }: Call, id: string, until: number): Booking | Hold | undefined {
  const [booking, hold] = [bookingsIn(state).get(id), holdsIn(state).get(id)];
  if (does === 'extend') return hold && { ...hold, status: 'active', expiresAt: Math.min(until, hold.expiresAt) };
  return does === 'confirm' && booking ? asBooked(booking) : undefined;
}

/** When a hold began, and was to end, as it was made. */
function firstTimesOf(state: CommittedState, id: string): { createdAt: number; expiresAt: number } | undefined {
  const hold = holdsIn(state).get(id);
  return hold && asHeld(hold);
}

/** What a call of this kind is told about a booking or a hold that is committed. */
function asMade(state: CommittedState, { does }: Call, id: string): Booking | Hold | undefined {
  const [booking, hold] = [bookingsIn(state).get(id), holdsIn(state).get(id)];
  switch (does) {
    case 'book':
      return booking && asBooked(booking);
    case 'hold':
      return hold && asHeld(hold);
    case 'release':
    case 'extend':
      return hold;
    case 'cancel':
    case 'confirm':
      return booking;
  }
}

/** What a commit has done to bookings and holds, in the order of its decisions. */
function stepsOf({ movements }: CommittedState, eventId: string): [kind: string, bookingId: string][] {
  const lines = movements.filter((movement) => movement.eventId === eventId).flatMap((movement) => movement.lines);
  const steps = lines.map(({ kind, bookingId }) => `${kind} ${bookingId}`);
  return [...new Set(steps)].map((step) => step.split(' ') as [string, string]);
}

function answersTo(model: Model, { does, wish, bookingId, askedAt }: Call, now: number): string[] {
  switch (does) {
    case 'book':
    case 'hold':
      return model.answersTo(wish!, does, now);
    case 'cancel':
      return [model.find(bookingId)?.isBooked ? 'granted' : 'booking_not_found'];
    case 'confirm':
      return model.answersToConfirm(bookingId, askedAt, now);
    case 'release':
      return model.answersToRelease(bookingId, askedAt);
    case 'extend':
      return model.answersToExtend(bookingId, askedAt, askedAt + EXTENSION_SECONDS * 1_000);
  }
}

/** Whether the answer says that nothing was done. */
function isDenied({ answer }: Call): boolean {
  return answer?.kind === 'error' || (answer?.kind === 'problem' && !NOT_KNOWN.includes(answer.code));
}

/** Whether the answer is a no that is meant to last. */
function isRefused({ answer }: Call): boolean {
  return answer?.kind === 'problem' && ![...DROPPED, ...NOT_KNOWN].includes(answer.code);
}

/** Whether `other` repeats at the same process what `call` was not told about. */
function isRepetition(other: Call, call: Call): boolean {
  const isSame =
    other.process === call.process &&
    other.does === call.does &&
    other.wish?.key !== undefined &&
    other.wish.key === call.wish?.key;
  const isUnknown = call.answer?.kind === 'problem' && NOT_KNOWN.includes(call.answer.code);
  return isSame && other.wish.text === call.wish.text && isUnknown && other.askedMs >= call.answeredMs;
}

function describe({ does, wish, bookingId, answer, asked, answered }: Call): string {
  const what = `${does} ${bookingId} ${wish?.text ?? ''}`;
  return `${what}, asked at ${asked}, answered at ${answered}: ${JSON.stringify(answer)}`;
}
