import { mongo } from 'mongoose';
import type { CommandKind } from '../../src/bookings/decide/command.js';
import { type Hold, HOLDS } from '../../src/holds/hold.js';
import type { Answer, Api } from './api.js';
import { decideOn, showing, withDueRules, withKinds } from './registrations.js';
import { claim, compare, type Control, times, withAnother } from './race.js';
import { withSkippingClock } from './skipping-clock.js';
import type { RunningApp } from './start-app.js';

type Apis = (caller: number) => Api;

/** The callers take turns with the instances. */
export function onTwo(running: RunningApp, race: (apis: Apis) => Promise<string[]>): Promise<string[]> {
  return withAnother(running, (other) => race((caller) => (caller % 2 === 0 ? running : other).api));
}

const TRIES_MAX = 20;

/** Sends as the contract tells a caller to: a 503 is sent again. A control may have no other answer: not for ever. */
export async function untilAnswered(send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await send();
    if (answer.status !== 503 || tries === TRIES_MAX) return answer;
    await new Promise((done) => setTimeout(done, 50 + Math.random() * 200));
  }
}

/** The id of a hold that is made. */
export async function makeHold(api: Api, eventId: string, more: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await untilAnswered(() => api.hold(eventId, more));
  if (status !== 201) throw new Error(`not held: ${JSON.stringify(body)}`);
  return body.hold._id;
}

export function confirm(api: Api, id: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return untilAnswered(() => api.post(`/holds/${id}/confirm`, body, headers));
}

export function release(api: Api, id: string): Promise<Answer> {
  return untilAnswered(() => api.post(`/holds/${id}/release`));
}

export function extend(api: Api, id: string, ttlSeconds: number): Promise<Answer> {
  return untilAnswered(() => api.post(`/holds/${id}/extend`, { ttlSeconds }));
}

/** How long the holds of `holdAll` last. */
export const TTL_SECONDS = 60;

type NewEvent = Awaited<ReturnType<RunningApp['api']['createEvent']>>;

/** An event whose tickets are held, each for another user, and the ids of the holds. */
export async function holdAll({ api }: RunningApp, count: number): Promise<[event: NewEvent, ids: string[]]> {
  const event = await api.createEvent({ totalTickets: count });
  const ids = await Promise.all(
    times(count, (user) => makeHold(api, event._id, { userId: `user${user}`, ttlSeconds: TTL_SECONDS })),
  );
  return [event, ids];
}

/** The hold as it is stored: what it says of itself, not what the clock makes of it. */
export async function storedHold({ db }: RunningApp, id: string): Promise<mongo.Document> {
  return (await db.collection('holds').findOne({ _id: new mongo.ObjectId(id) })) ?? {};
}

/** The status, and the code of a problem: `201`, `409 wrong_state`. */
export function verdictOf({ status, body }: Answer): string {
  return body.code === undefined ? `${status}` : `${status} ${body.code}`;
}

/** What is wrong where the answers are not all of these. */
export function checkVerdicts(what: string, allowed: readonly string[], answers: readonly Answer[]): string[] {
  const odd = answers.map(verdictOf).filter((verdict) => !allowed.includes(verdict));
  return odd.map((verdict) => `${what}: answered ${verdict} instead of ${allowed.join(' or ')}`);
}

/** What is wrong with the answers to confirmations of one hold: one is the first, and all show the same booking. */
export function checkConfirmed(id: string, answers: readonly Answer[]): string[] {
  const bookings = new Set(answers.map(({ body }) => JSON.stringify(body.booking)));
  return [
    ...checkVerdicts(`confirmation of ${id}`, ['200', '201'], answers),
    ...compare(`first answers of ${id}`, 1, answers.filter(({ status }) => status === 201).length),
    ...compare(`different bookings of ${id}`, 1, bookings.size),
    ...claim(
      `the booking has the id ${id}`,
      answers.every(({ body }) => body.booking?._id === id),
    ),
  ];
}

/** What the caller of a hold was told. */
export interface Told {
  readonly id: string;
  readonly answer: Answer;
}

export function answersOf(told: readonly Told[], id: string): Answer[] {
  return told.filter((each) => each.id === id).map(({ answer }) => answer);
}

/** What is wrong where the answers to confirmations are not those of the end that the hold has in the books. */
export async function checkEnd(running: RunningApp, id: string, answers: readonly Answer[]): Promise<string[]> {
  const { status, settlements = [] } = await storedHold(running, id);
  const outcomes = settlements.map(({ outcome }: { outcome: string }) => outcome);
  if (status === 'confirmed') {
    return [...checkConfirmed(id, answers), ...claim(`${id} is bought: ${outcomes}`, !outcomes.includes('refund_due'))];
  }
  return [
    ...claim(`${id} is confirmed or expired: ${status}`, status === 'expired'),
    ...claim(`${id} is refunded: ${outcomes}`, !outcomes.includes('booked')),
    ...checkVerdicts(`confirmation of ${id}`, ['410 hold_expired'], answers),
  ];
}

/** Every change of a hold takes it for an active one, whatever has become of it. */
export const STATE = withKinds('the state of the hold', ['confirmHold', 'releaseHold', 'extendHold'], (kind) =>
  decideOn(kind, (draft) => showing<Hold>(draft, HOLDS, (hold) => ({ ...hold, status: 'active' }))),
);

/** No hold ends. */
export const ENDS = withDueRules('an end of the holds', () => undefined);

/** No payment that has to be given back is stored. */
export function withoutRefunds(dueMax?: number): Control {
  const change = (kind: CommandKind) =>
    decideOn(kind, (draft) => ({
      put: (table, doc) => {
        const { settlements = [] } = doc as unknown as Partial<Hold>;
        if (table.name !== HOLDS.name || settlements.at(-1)?.outcome !== 'refund_due') draft.put(table, doc);
      },
    }));
  return withKinds('a record of refunds', ['confirmHold'], change, dueMax);
}

/** A race in which holds end when the test says so: the product with a clock that skips. */
export const skipping = () => ({ override: withSkippingClock() });
