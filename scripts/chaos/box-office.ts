import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { findImbalances } from '../../test/support/check-books.js';
import type { BookingView, EventView, Response } from './answers.js';
import type { Api } from './api.js';
import { toHistoryMs } from './clock.js';
import { EVENTS, type OnSale, QUIET_EVENT } from './events.js';
import {
  type Counts,
  type FinalBooking,
  type FinalEntry,
  type FinalHold,
  type FinalState,
  isOverdue,
  type Line,
} from './history.js';

/** While all is read, no hold may end. */
const READING_MS = 20_000;
/** Far longer than the pulse needs after that. */
const QUIET_TIMEOUT_MS = READING_MS + 40_000;
const QUIET_POLL_MS = 100;

/** Opens the events that callers want tickets of, and the one that nobody asks about. */
export async function openEvents(api: Api): Promise<{ readonly events: OnSale[]; readonly quiet: OnSale }> {
  const events: OnSale[] = [];
  for (const event of EVENTS) events.push(await open(api, event));
  return { events, quiet: await open(api, QUIET_EVENT) };
}

async function open(api: Api, event: object): Promise<OnSale> {
  const view = eventOf(await api.post('/events/create', event));
  const sections = view.sections.map(({ _id: id, capacity }) => ({ id, eventId: view._id, capacity }));
  const whole = { id: view._id, eventId: view._id, capacity: view.totalTickets };
  return { id: view._id, pools: sections.length > 0 ? sections : [whole] };
}

export async function readCounts(api: Api, eventId: string): Promise<Counts> {
  const { _id, sections, ...view } = eventOf(await api.get(`/events/${eventId}`));
  const pools = sections.map((section) => ({ poolId: section._id, available: section.availableTickets }));
  return {
    eventId: _id,
    capacity: view.totalTickets,
    available: view.availableTickets,
    held: view.heldTickets,
    sold: view.soldTickets,
    pools: pools.length > 0 ? pools : [{ poolId: _id, available: view.availableTickets }],
  };
}

/** All that is stored, as anybody can read it, and the documents themselves. */
export async function readFinalState(api: Api, events: readonly OnSale[], db: mongo.Db): Promise<FinalState> {
  const quiet = await readQuiet(db);
  const { status, body } = await api.get('/bookings');
  if (status !== 200 || !body.bookings) throw new Error(`the bookings can't be read: ${status} ${body.code ?? ''}`);
  const counts: Counts[] = [];
  const imbalances: string[] = [];
  for (const { id } of events) {
    counts.push(await readCounts(api, id));
    const recount = (await api.get(`/events/${id}/integrity`)).body;
    if (recount.balanced !== true) imbalances.push(`recount of event ${id}: ${JSON.stringify(recount)}`);
  }
  imbalances.push(...(await findImbalances(db)).map((imbalance) => `documents: ${JSON.stringify(imbalance)}`));
  return { bookings: body.bookings.map(toFinalBooking), ...quiet, events: counts, imbalances };
}

/**
 * Holds and waitlists as soon as the holds that end in these seconds have ended, and what they held was offered to the
 * next; or as they are when that takes too long. Nobody asks about them any more, so the pulse has to do that.
 */
async function readQuiet(db: mongo.Db): Promise<Pick<FinalState, 'holds' | 'entries' | 'readAtMs'>> {
  const deadline = performance.now() + QUIET_TIMEOUT_MS;
  for (;;) {
    const readAtMs = performance.now();
    const holds = (await db.collection('holds').find().toArray()).map(toFinalHold);
    const reserving = await db.collection('events').countDocuments({ 'waitlist.reserved.0': { $exists: true } });
    const isQuiet = reserving === 0 && !holds.some((hold) => isOverdue(hold, readAtMs + READING_MS));
    if (isQuiet || readAtMs > deadline) {
      const entries = (await db.collection('waitlistEntries').find().toArray()).map(toFinalEntry);
      return { holds, entries, readAtMs };
    }
    await sleep(QUIET_POLL_MS);
  }
}

function eventOf({ status, body }: Response): EventView {
  if (!body.event) throw new Error(`expected an event, got ${status} ${JSON.stringify(body)}`);
  return body.event;
}

function toFinalBooking({ _id, userId, eventId, status, items }: BookingView): FinalBooking {
  const lines = items.map(({ sectionId, quantity }) => ({ poolId: sectionId ?? eventId, quantity }));
  return { id: _id, userId, eventId, status, lines };
}

function toFinalHold(record: mongo.Document): FinalHold {
  const eventId = String(record['eventId']);
  const items = record['items'] as StoredItem[];
  return {
    id: String(record['_id']),
    userId: record['userId'] as string,
    eventId,
    lines: items.map((item) => toLine(eventId, item)),
    status: record['status'] as FinalHold['status'],
    createdAtMs: toHistoryMs(record['createdAt'] as Date),
    expiresAtMs: toHistoryMs(record['expiresAt'] as Date),
    settlements: (record['settlements'] as FinalHold['settlements'] | undefined) ?? [],
  };
}

function toFinalEntry(record: mongo.Document): FinalEntry {
  const eventId = String(record['eventId']);
  return {
    id: String(record['_id']),
    userId: record['userId'] as string,
    eventId,
    lines: [toLine(eventId, record as StoredItem)],
    status: record['status'] as FinalEntry['status'],
    number: record['number'] as number,
  };
}

interface StoredItem {
  readonly sectionId?: mongo.ObjectId | null;
  readonly quantity: number;
}

function toLine(eventId: string, { sectionId, quantity }: StoredItem): Line {
  return { poolId: sectionId?.toHexString() ?? eventId, quantity };
}
