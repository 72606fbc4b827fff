import { isDeepStrictEqual } from 'node:util';
import { asBooked, type Booking } from '../../../src/bookings/booking.js';
import { USER_TICKETS, type UserTickets } from '../../../src/bookings/decide/user-tickets.js';
import type { Event } from '../../../src/events/event.js';
import { Model } from './model.js';
import { POISON } from './simulated-database.js';
import { LIMITS } from './simulated-process.js';
import { bookingsIn, type CommittedState } from './simulated-store.js';
import type { Call, World } from './world.js';

export type FaultKind =
  | 'unbalanced books'
  | 'sold against the rules'
  | 'cancelled twice'
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
  private readonly lastSold = new Map<unknown, number>();

  constructor(
    world: World,
    private readonly event: Event,
    private readonly note: Note,
  ) {
    this.model = new Model(event);
    this.calls = world.calls.filter(({ eventId }) => eventId === event.id);
    this.answers = new Map(this.calls.map((call) => [call, new Set()]));
    world.store.history.forEach((state, number) => {
      for (const [kind, bookingId] of stepsOf(state, event.id)) {
        if (kind === 'booked') this.sell(bookingId, number);
        else this.takeBack(bookingId, number);
        this.witness(number - 1, number);
      }
      this.model.status = state.events.get(event.id)!.status;
      this.witness(number, number);
      if (!this.agreesWith(state)) note('unbalanced books', `commit ${number}, event ${event.id}`);
    });
  }

  private witness(after: number, before: number): void {
    for (const call of this.calls) {
      if (call.asked > after || call.answered < before) continue;
      for (const answer of answersTo(this.model, call)) this.answers.get(call)!.add(answer);
    }
  }

  private sell(bookingId: string, number: number): void {
    const call = this.calls.find((each) => each.wish && each.bookingId === bookingId);
    if (!call?.wish) return this.note('unbalanced books', `commit ${number}: nobody has asked for ${bookingId}`);
    const answers = answersTo(this.model, call);
    const text = `commit ${number}: ${describe(call)}`;
    if (!answers.includes('booked')) this.note('sold against the rules', `${text}; true is ${answers.join()}`);
    if (isDenied(call)) this.note('denied, but done', text);
    else if (call.answer?.kind === 'booking' && call.answered < number) {
      this.note('acknowledged before it was done', text);
    }
    for (const other of this.calls) {
      if (isRepetition(other, call) && other.answered < number && isRefused(other)) {
        this.note('denied, but done', `${text}; repeated: ${describe(other)}`);
      }
    }
    const index = this.calls.indexOf(call);
    if ((this.lastSold.get(call.process) ?? -1) > index) this.note('out of order', text);
    this.lastSold.set(call.process, index);
    this.model.book(bookingId, call.wish);
  }

  private takeBack(bookingId: string, number: number): void {
    const sold = this.model.find(bookingId);
    if (sold?.isCancelled !== false) this.note('cancelled twice', `commit ${number}: ${bookingId}`);
    if (sold) sold.isCancelled = true;
    const askers = this.calls.filter((call) => !call.wish && call.bookingId === bookingId && call.asked < number);
    if (askers.every(isDenied)) this.note('denied, but done', `commit ${number}: cancel ${bookingId}`);
  }

  private agreesWith(state: CommittedState): boolean {
    const { events, tables } = state;
    const { availableTickets, soldTickets, totalTickets, sections } = events.get(this.event.id)!;
    const pools = sections.map(({ id, ...section }) => section.availableTickets === this.model.available(id));
    const sum = sections.reduce((total, section) => total + section.availableTickets, 0);
    pools.push(availableTickets === (sections.length > 0 ? sum : this.model.available(undefined)));
    const stored = [...bookingsIn(state).values()].filter(({ eventId }) => eventId === this.event.id);
    const counts = [...(tables.get(USER_TICKETS.name) ?? new Map()).values()] as UserTickets[];
    const own = counts.filter(({ eventId }) => eventId === this.event.id);
    const isKnown = ({ id, status }: Booking) => this.model.find(id)?.isCancelled === (status === 'cancelled');
    return (
      pools.every(Boolean) &&
      availableTickets + soldTickets === totalTickets &&
      stored.length === this.model.count &&
      stored.every(isKnown) &&
      own.every(({ userId, tickets }) => tickets === this.model.ticketsOf(userId))
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
    const isSame = isDeepStrictEqual(answer.booking, asBooked(bookingsIn(store.latest).get(answer.booking.id)!));
    if (!isSame || !truths.has(`replay of ${answer.booking.id}`)) say('untrue replay');
  } else {
    const made = bookingsIn(store.history[call.answered]!).get(bookingId);
    const stored = made && (wish ? asBooked(made) : made);
    if (answer.booking.id !== bookingId) say('answer of another');
    else if (!isDeepStrictEqual(stored, answer.booking)) say('acknowledged, not done');
  }
}

/** Which bookings a commit has made or cancelled, in the order of its decisions. */
function stepsOf({ movements }: CommittedState, eventId: string): [kind: string, bookingId: string][] {
  const lines = movements.filter((movement) => movement.eventId === eventId).flatMap((movement) => movement.lines);
  const steps = lines.map(({ kind, bookingId }) => `${kind} ${bookingId}`);
  return [...new Set(steps)].map((step) => step.split(' ') as [string, string]);
}

function answersTo(model: Model, { wish, bookingId }: Call): string[] {
  if (wish) return model.answersTo(wish);
  return [model.find(bookingId) ? 'cancelled' : 'booking_not_found'];
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
  const isSame = other.process === call.process && other.wish?.key !== undefined && other.wish.key === call.wish?.key;
  const isUnknown = call.answer?.kind === 'problem' && NOT_KNOWN.includes(call.answer.code);
  return isSame && other.wish.text === call.wish.text && isUnknown && other.askedMs >= call.answeredMs;
}

function describe({ wish, bookingId, answer, asked, answered }: Call): string {
  const what = wish ? `book ${bookingId} ${wish.text}` : `cancel ${bookingId}`;
  return `${what}, asked at ${asked}, answered at ${answered}: ${JSON.stringify(answer)}`;
}
