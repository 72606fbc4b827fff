import { mongo } from 'mongoose';
import { MOVEMENT_EFFECTS, type MovementKind } from '../../src/events/inventory/movement.js';
import type { Answer, Api, NewEventBody } from './api.js';
import { bookAll } from './change-races.js';
import { untilAnswered, verdictOf } from './hold-races.js';
import { claim, compare, times } from './race.js';
import { withClosingRules, withFreeingRules } from './registrations.js';
import type { RunningApp } from './start-app.js';

/** Tickets that become free are for everybody. */
export const WITHHOLDING = withFreeingRules('a rule for tickets that become free', () => undefined);

/** Nobody is offered what was withheld. */
export const OFFERS = withClosingRules('a rule for the end of a transaction', () => undefined);

/** An event of which every ticket is booked, each by itself, and the ids of the bookings. */
export async function soldOut(
  { api }: RunningApp,
  totalTickets: number,
  more: NewEventBody = {},
): Promise<[eventId: string, bookings: string[]]> {
  const event = await api.createEvent({ totalTickets, ...more });
  const buyers = times(totalTickets, (buyer) => `buyer${buyer}`);
  return [event._id, await bookAll(api, event._id, buyers, 1)];
}

export function join(api: Api, eventId: string, userId: string, quantity = 1): Promise<Answer> {
  return untilAnswered(() => api.join(eventId, { userId, quantity }));
}

/** The ids of the entries of these users, who join in this order. */
export async function joinAll(api: Api, eventId: string, users: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const userId of users) {
    const { status, body } = await join(api, eventId, userId);
    if (status !== 201) throw new Error(`not joined: ${JSON.stringify(body)}`);
    ids.push(body.entry._id);
  }
  return ids;
}

export function leave(api: Api, eventId: string, entryId: string): Promise<Answer> {
  return untilAnswered(() => api.post(`/events/${eventId}/waitlist/${entryId}/leave`));
}

/** Looks at the event, which starts what is due, until nothing is. */
async function settle({ api, db }: RunningApp, eventId: string): Promise<void> {
  for (let looks = 0; looks < 20; looks++) {
    await api.get(`/events/${eventId}`);
    const event = await db.collection('events').findOne({ _id: new mongo.ObjectId(eventId) });
    if (event?.['status'] !== 'on_sale' || !event['waitlist']?.reserved.length) return;
  }
}

/** The entries of the event as they are stored, in their order. */
export function entriesOf({ db }: RunningApp, eventId: string): Promise<mongo.Document[]> {
  return db
    .collection('waitlistEntries')
    .find({ eventId: new mongo.ObjectId(eventId) })
    .sort({ number: 1 })
    .toArray();
}

export async function statusOf({ db }: RunningApp, entryId: string): Promise<string> {
  const entry = await db.collection('waitlistEntries').findOne({ _id: new mongo.ObjectId(entryId) });
  return String(entry?.['status']);
}

/** What is wrong where somebody waits beside tickets that fit, or is not behind all who were offered as few. */
export async function checkOrder(running: RunningApp, eventId: string): Promise<string[]> {
  await settle(running, eventId);
  const event = await running.db.collection('events').findOne({ _id: new mongo.ObjectId(eventId) });
  const entries = await entriesOf(running, eventId);
  const { availableTickets } = event as unknown as { availableTickets: number };
  const waiting = entries.filter(({ status }) => status === 'waiting');
  const fitting = waiting.filter(({ quantity }) => quantity <= availableTickets);
  const overtaken = waiting.filter(({ quantity, number }) =>
    entries.some((other) => other['offeredAt'] && other['number'] > number && other['quantity'] >= quantity),
  );
  const whose = (some: mongo.Document[]) => some.map(({ userId, quantity }) => `${userId} (${quantity})`).join();
  return [
    ...claim(`nobody waits beside ${availableTickets} tickets: ${whose(fitting)}`, fitting.length === 0),
    ...claim(`nobody is overtaken: ${whose(overtaken)}`, overtaken.length === 0),
    ...compare('tickets reserved', 0, event?.['waitlist']?.reserved.length ?? 0),
  ];
}

/** The revision of the event as it is stored now. */
export async function revisionOf({ db }: RunningApp, eventId: string): Promise<number> {
  const event = await db.collection('events').findOne({ _id: new mongo.ObjectId(eventId) });
  return event?.['revision'] as number;
}

/** What is wrong where, at any revision after this one, a ticket was available or booked by somebody who did not wait. */
export async function checkNeverPublic({ db }: RunningApp, eventId: string, after: number): Promise<string[]> {
  const movements = await db
    .collection('movements')
    .find({ eventId: new mongo.ObjectId(eventId) })
    .sort({ revision: 1 })
    .toArray();
  const faults: string[] = [];
  let available = 0;
  for (const { revision, lines } of movements as unknown as {
    revision: number;
    lines: { kind: MovementKind; quantity: number }[];
  }[]) {
    for (const { kind, quantity } of lines) available += MOVEMENT_EFFECTS[kind].availableTickets * quantity;
    if (revision <= after) continue;
    faults.push(...compare(`tickets available at revision ${revision}`, 0, available));
    faults.push(...claim(`nobody books at revision ${revision}`, !lines.some(({ kind }) => kind === 'booked')));
  }
  return faults;
}

/** Books one ticket after the other, until told to stop. Returns what it was answered, without repetitions. */
async function hammer(api: Api, eventId: string, isStopped: () => boolean): Promise<string[]> {
  const verdicts = new Set<string>();
  for (let number = 0; !isStopped() || number === 0; number++) {
    verdicts.add(verdictOf(await api.bookUntilAnswered(eventId, { userId: `public${number}` })));
  }
  return [...verdicts];
}

/** Does the work while buyers at all instances hammer the event. Returns what they were answered instead of that it is sold out. */
export async function whileHammered(
  apis: (caller: number) => Api,
  eventId: string,
  work: () => Promise<unknown>,
): Promise<string[]> {
  let isStopped = false;
  const buyers = times(12, (buyer) => hammer(apis(buyer), eventId, () => isStopped));
  await work().finally(() => (isStopped = true));
  const verdicts = new Set((await Promise.all(buyers)).flat());
  return [...verdicts].filter((verdict) => verdict !== '409 sold_out').map((verdict) => `a buyer: ${verdict}`);
}
