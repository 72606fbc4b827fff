import { isDeepStrictEqual } from 'node:util';
import { quantityOf, sumByPool } from '../../../src/bookings/booking.js';
import type { BookingChange } from '../../../src/bookings/booking-change.js';
import { configurationOf, type Event } from '../../../src/events/event.js';
import type { EventEdit } from '../../../src/events/index.js';
import { asHeld } from '../../../src/holds/hold.js';
import { agrees } from './agreement.js';
import { type Call, describe, isDenied, isRefused, isRepetition } from './calls.js';
import type { Note } from './faults.js';
import type { Kept } from './kept.js';
import { Model } from './model.js';
import { settlePayments } from './payments.js';
import { type CommittedState, entriesIn, holdsIn } from './simulated-store.js';
import { editsOf, stepsOf } from './steps.js';
import { EXTENSION_SECONDS, type World } from './world.js';

/** How a booking was after a commit. */
interface Moment {
  readonly number: number;
  readonly kept: Kept;
}

/** Does in the model, one by one, what the commits have done to one event. */
export class Replay {
  readonly model: Model;
  readonly calls: readonly Call[];
  /** What each call may be told: all that was true at a moment between its arrival and its answer. */
  readonly answers: ReadonlyMap<Call, Set<string>>;
  /** What each call has done to a booking. */
  readonly effects = new Map<Call, Moment>();
  /** The commit of each edit. */
  readonly edits = new Map<Call, number>();
  private readonly moments = new Map<string, Moment[]>();
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
    // A commit of another event does not tell when the next one of this event was decided.
    let before = history[0]!.at;
    history.forEach((state, number) => {
      const earlier = history[number - 1];
      const after = history[number + 1]?.at ?? Infinity;
      const { steps, isWhole } = stepsOf(state, earlier, event.id);
      for (const { kind, bookingId, change } of steps) {
        this.model.keepingFreed(() => {
          if (change) this.change(change, number, state);
          else this.take(kind, bookingId, number, state);
        });
        this.witness(number - 1, number, before, state.at);
      }
      this.extend(state, number);
      settlePayments(this, state, number, note);
      for (const edit of editsOf(state, earlier, event.id)) {
        this.model.keepingFreed(() => this.edit(edit, number, state, earlier));
      }
      this.handOver(number, state);
      if (state.isByHand) this.model.terms.status = state.events.get(event.id)?.status ?? this.model.terms.status;
      this.witness(number, number, state.at, after);
      if (state.events.get(event.id) !== earlier?.events.get(event.id)) before = state.at;
      if (!isWhole || !agrees(this.model, state, event.id))
        note('unbalanced books', `commit ${number}, event ${event.id}`);
    });
  }

  /** How the booking of the call was while the call waited. */
  momentsOf({ bookingId, asked, answered }: Call): Kept[] {
    const all = this.moments.get(bookingId) ?? [];
    const before = all.filter(({ number }) => number <= asked).slice(-1);
    const meanwhile = all.filter(({ number }) => number > asked && number <= answered);
    return [...before, ...meanwhile].map(({ kept }) => kept);
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
    if (kind === 'reserved') return this.join(id, number, state);
    if (kind === 'unreserved') return this.leave(id, number, state);
    if (kind === 'held' && this.model.waiting.find(id)) return;
    const hold = this.model.find(id)?.hold;
    if (kind === 'booked' && !hold) return this.sell(id, number, state);
    if (kind === 'held') return this.sell(id, number, state);
    if (!hold) return this.note('unbalanced books', `commit ${number}: ${kind} ${id}, which nobody holds`);
    if (kind === 'expired') {
      if (!hold.isLive) this.note('ended twice', `commit ${number}: ${id}`);
      if (hold.expiresAt > state.at) this.note('ended early', `commit ${number}: ${id}`);
      hold.isLive = false;
      return;
    }
    if (kind === 'released' && this.model.terms.status === 'cancelled') {
      if (!hold.isLive) this.note('ended twice', `commit ${number}: ${id}`);
      Object.assign(hold, { isLive: false, isReleased: true });
      return;
    }
    const asked = kind === 'released' ? ['release', 'leave'] : ['confirm'];
    const askers = this.calls.filter(
      (call) => asked.includes(call.does) && call.bookingId === id && call.asked < number,
    );
    const granted = askers.filter((call) => answersTo(this.model, call, state.at).includes('granted'));
    if (hold.isLive !== (kind !== 'booked')) this.note('ended twice', `commit ${number}: ${kind} ${id}`);
    else if (granted.length === 0) this.note('sold against the rules', `commit ${number}: ${kind} ${id}`);
    if (askers.every(isDenied)) this.note('denied, but done', `commit ${number}: ${kind} ${id}`);
    hold.isLive = false;
    if (kind === 'released') {
      hold.isReleased = true;
      return;
    }
    this.model.find(id)!.isBooked = true;
    this.remember(id, number);
  }

  private join(id: string, number: number, state: CommittedState): void {
    const call = this.calls.find((each) => each.does === 'join' && each.bookingId === id);
    if (!call?.wish) return this.note('unbalanced books', `commit ${number}: nobody wants to wait as ${id}`);
    // What was held when it was decided may be over by now.
    const answers = answersTo(this.model, call, entriesIn(state).get(id)?.joinedAt ?? state.at);
    const text = `commit ${number}: ${describe(call)}; true is ${answers.join()}`;
    if (!answers.includes('granted')) this.note('sold against the rules', text);
    this.checkAnswers(call, number);
    this.model.join({ id, wish: call.wish, state: 'waiting' });
  }

  private leave(id: string, number: number, state: CommittedState): void {
    const askers = this.calls.filter((call) => call.does === 'leave' && call.bookingId === id && call.asked < number);
    const isTrue = askers.some((call) => answersTo(this.model, call, state.at).includes('granted'));
    const waiter = this.model.waiting.find(id);
    if (!waiter || !isTrue) this.note('sold against the rules', `commit ${number}: ${id} leaves`);
    else if (waiter.state === 'waiting') waiter.state = 'left';
    if (askers.every(isDenied)) this.note('denied, but done', `commit ${number}: ${id} leaves`);
  }

  /** At the end of a commit, those who wait get what has become free. */
  private handOver(number: number, state: CommittedState): void {
    if (state.isByHand || !state.movements.some(({ eventId }) => eventId === this.event.id)) return;
    const lines = state.movements.filter(({ eventId }) => eventId === this.event.id).flatMap((each) => each.lines);
    const found = lines.flatMap(({ kind, bookingId = '' }) => {
      return kind === 'held' && this.model.waiting.find(bookingId) ? bookingId : [];
    });
    const { sections = [], waitlist } = state.events.get(this.event.id) ?? {};
    const pools = sections.length > 0 ? sections.map(({ id }) => id) : [undefined];
    const reserved = waitlist?.reserved ?? [];
    const stopsAfter = (pool: string | undefined) => reserved.find(({ sectionId }) => sectionId === pool)?.after;
    const expected = this.model.handOver(pools, stopsAfter, ({ id, wish }) => {
      const times = firstTimesOf(state, id);
      // The key is that of the entry.
      if (times) this.model.take(id, { ...wish, key: undefined }, times);
    });
    const [wanted, made] = [expected.map(({ id }) => id).join(), found.join()];
    if (wanted !== made) this.note('not handed over', `commit ${number}: offered to ${made}, instead of ${wanted}`);
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
          this.model.terms.status !== 'cancelled' &&
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
    this.checkAnswers(call, number);
    this.lastTaken.set(call.process, this.checkOrder(call, text));
    this.model.take(bookingId, call.wish, call.does === 'hold' ? firstTimesOf(state, bookingId) : undefined);
    if (call.does === 'book') this.effects.set(call, this.remember(bookingId, number));
  }

  /** Tickets of a booking are given back, or get another owner. */
  private change({ id, kind, bookingId, lines }: BookingChange, number: number, state: CommittedState): void {
    const call = this.calls.find(({ changeId }) => changeId === id);
    const sold = this.model.find(bookingId);
    if (!call || !sold) return this.note('unbalanced books', `commit ${number}: nobody has asked for ${id}`);
    const isCancelled = kind === 'cancelled';
    const { kept } = sold;
    const wanted = call.part ? sumByPool(call.part.lines) : kept.lines;
    const isDone = this.effects.has(call) || kept.status === 'cancelled' || (!isCancelled && kept.userId === call.to);
    const answers = answersTo(this.model, call, state.at);
    const text = `commit ${number}: ${describe(call)}; true is ${answers.join()}`;
    const isTwice = isDone || answers.includes(`replay of ${bookingId}`) || quantityOf(lines) > quantityOf(kept.lines);
    if (isTwice) this.note(isCancelled ? 'cancelled twice' : 'transferred twice', text);
    else if (!answers.includes('granted') || !isDeepStrictEqual(lines, wanted)) {
      this.note('sold against the rules', text);
    }
    this.checkAnswers(call, number);
    if (isCancelled) this.model.giveBack(sold, lines, call.part, call.askedAt);
    else this.model.transfer(sold, call.to!);
    const moment = this.remember(bookingId, number);
    if (!this.effects.has(call)) this.effects.set(call, moment);
  }

  /** The event is edited, after all that the commit has done else, or deleted. */
  private edit({ id, kind, before, version }: EventEdit, number: number, state: CommittedState, earlier = state): void {
    const call = this.calls.find((each) => (each.does === 'edit' || each.does === 'delete') && each.bookingId === id);
    if (!call) return this.note('unbalanced books', `commit ${number}: nobody has asked for the edit ${id}`);
    const { terms } = this.model;
    const answers = answersTo(this.model, call, state.at);
    const text = `commit ${number}: ${describe(call)}; true is ${answers.join()}`;
    const was = earlier.events.get(this.event.id);
    const isRecord = version === terms.version + 1 && was && isDeepStrictEqual(before, configurationOf(was));
    if (this.edits.has(call)) this.note('edited twice', text);
    else if (!answers.includes('granted')) this.note('edited against the rules', text);
    else if (!isRecord) this.note('unbalanced books', text);
    // Who edits an event that is deleted then may be told that there is none.
    const isGone = call.answer?.kind === 'problem' && call.answer.code === 'event_not_found' && kind === 'edited';
    if (!isGone) this.checkAnswers(call, number);
    // A deletion, and the removal of a section, may have to wait for what comes behind them.
    if (call.edit && !call.edit.patch.sections?.some(({ remove }) => remove)) this.checkOrder(call, text);
    if (kind === 'deleted') terms.isDeleted = true;
    else terms.edit(call.edit!);
    this.edits.set(call, number);
  }

  /** The call's place among all. Nobody who came later to the same process has got tickets before, or in the same commit. */
  private checkOrder(call: Call, text: string): number {
    const index = this.calls.indexOf(call);
    // Who was sent to an owner and came back may have been overtaken.
    const isRouted = call.process.owners.size > 0;
    if (!isRouted && (this.lastTaken.get(call.process) ?? -1) > index) this.note('out of order', text);
    return index;
  }

  /** Of a call that was carried out by this commit. */
  private checkAnswers(call: Call, number: number): void {
    const text = `commit ${number}: ${describe(call)}`;
    if (isDenied(call)) this.note('denied, but done', text);
    else if (call.answer?.kind === 'granted' && call.answered < number) {
      this.note('acknowledged before it was done', text);
    }
    for (const other of this.calls) {
      if (isRepetition(other, call) && other.answered < number && isRefused(other)) {
        this.note('denied, but done', `${text}; repeated: ${describe(other)}`);
      }
    }
  }

  private remember(bookingId: string, number: number): Moment {
    const moment = { number, kept: this.model.find(bookingId)!.kept };
    this.moments.set(bookingId, [...(this.moments.get(bookingId) ?? []), moment]);
    return moment;
  }
}

/** When a hold began, and was to end, as it was made. */
function firstTimesOf(state: CommittedState, id: string): { createdAt: number; expiresAt: number } | undefined {
  const hold = holdsIn(state).get(id);
  return hold && asHeld(hold);
}

function answersTo(model: Model, call: Call, now: number): string[] {
  const { does, wish, part, to, payment, edit, bookingId, askedAt } = call;
  switch (does) {
    case 'book':
    case 'hold':
      return model.answersTo(wish!, does, now);
    case 'cancel':
      return model.answersToCancel(bookingId, part);
    case 'transfer':
      return model.answersToTransfer(bookingId, to!, now);
    case 'confirm':
      return model.answersToConfirm(bookingId, askedAt, now, payment);
    case 'release':
      return model.answersToRelease(bookingId, askedAt);
    case 'extend':
      return model.answersToExtend(bookingId, askedAt, askedAt + EXTENSION_SECONDS * 1_000);
    case 'join':
      return model.answersToJoin(wish!, now);
    case 'leave':
      return model.answersToLeave(bookingId, askedAt);
    case 'edit':
    case 'delete':
      return model.answersToEdit(edit, now);
  }
}
