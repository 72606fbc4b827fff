import {
  type Command,
  type CommandKind,
  type Draft,
  findLimits,
  findPool,
  keyName,
  type Lookup,
  notOnSale,
  refuse,
  saleEnded,
  saleNotStarted,
  sectionNotFound,
  sectionRequired,
  userTicketsLookup,
} from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import type { Problem } from '../../common/problem.js';
import { type Event, eventNotFound, type Waitlist } from '../../events/index.js';
import { asJoined, ENTRIES, type Entry, isOver } from '../entry.js';
import { saleOf } from '../sale.js';
import { ticketsAvailable } from '../waitlist.problems.js';

/** A wish to get tickets when some are free again. Its id is decided before the first try, as a booking's is. */
export interface JoinCommand extends Command {
  readonly kind: 'joinWaitlist';
  readonly entryId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly sectionId: string | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it is made with, by id. */
  readonly soldBy: string | undefined;
  /** The keys whose entries its caller sees, by id; undefined for everybody's. */
  readonly sees: readonly string[] | undefined;
  /** When it arrived. */
  readonly at: Instant;
}

/** The entry, and whether it is new: a user waits once for each pool. */
export interface Joined {
  readonly entry: Entry;
  readonly isNew: boolean;
}

const EMPTY: Waitlist = { lastNumber: 0, waiting: 0, endedUpTo: 0, reserved: [] };

export const join: CommandKind<JoinCommand, Joined> = {
  kind: 'joinWaitlist',

  lookups({ eventId, entryId, userId, idempotency }, { events, mayHaveCommitted }): Lookup[] {
    const inEntries = { table: ENTRIES.name, eventId };
    return [
      ...(mayHaveCommitted ? [{ ...inEntries, by: 'id', value: entryId }] : []),
      ...(idempotency ? [{ ...inEntries, by: 'key', value: idempotency.key }] : []),
      { ...inEntries, by: 'user', value: userId },
      ...userTicketsLookup(events.get(eventId), userId),
    ];
  },

  decide(command, draft) {
    const { entryId, eventId, userId, quantity, sectionId, idempotency } = command;
    const made =
      draft.find(ENTRIES, entryId) ?? (idempotency && draft.find(ENTRIES, keyName(eventId, idempotency.key)));
    if (made) {
      const isOwn = made.id === entryId;
      if (!isOwn && made.idempotency?.fingerprint !== idempotency?.fingerprint) return refuse(idempotencyKeyReused());
      return { kind: 'done', result: { entry: asJoined(made), isNew: true }, isReplay: !isOwn };
    }
    const event = draft.findEvent(eventId);
    if (!event) return refuse(eventNotFound(eventId));
    const known = findOpen(command, event, draft);
    if (known) {
      draft.relyOn(eventId);
      return { kind: 'done', result: { entry: known, isNew: false }, isReplay: false };
    }
    const problem = findObstacle(command, event, draft);
    if (problem) return refuse(problem);
    // What is reserved may turn out to be for nobody.
    if (draft.isBehind(eventId)) return undefined;
    const available = draft.available(event, sectionId);
    if (available >= quantity) {
      if (saleOf(event, draft.now) === 'open') return refuse(ticketsAvailable(available));
      // Nobody can have them now: when the event goes on, those who wait come first.
      draft.withhold(event, sectionId);
    }

    const { lastNumber, waiting, ...waitlist } = event.waitlist ?? EMPTY;
    const number = lastNumber + 1;
    const entry: Entry = {
      id: entryId,
      eventId,
      userId,
      quantity,
      sectionId,
      number,
      status: 'waiting',
      joinedAt: draft.now,
      offeredAt: undefined,
      offerExpiresAt: undefined,
      idempotency,
      soldBy: command.soldBy,
    };
    draft.put(ENTRIES, entry);
    draft.changeEvent(eventId, { waitlist: { ...waitlist, lastNumber: number, waiting: waiting + 1 } });
    return { kind: 'done', result: { entry, isNew: true }, isReplay: false };
  },
};

/** The entry, as far as the caller may know, with which the user waits for this pool, or has tickets of it offered. */
function findOpen({ userId, sectionId, sees }: JoinCommand, event: Event, draft: Draft): Entry | undefined {
  return draft
    .list(ENTRIES)
    .filter(({ soldBy }) => sees === undefined || (soldBy !== undefined && sees.includes(soldBy)))
    .filter((entry) => entry.eventId === event.id && entry.userId === userId && entry.sectionId === sectionId)
    .find((entry) =>
      entry.status === 'waiting'
        ? !isOver(entry, event, draft.now)
        : entry.status === 'offered' && draft.now < (entry.offerExpiresAt ?? 0) && event.status !== 'cancelled',
    );
}

/** Why nobody can wait for this; undefined where somebody can. An event that is paused may go on. */
function findObstacle(
  { userId, quantity, sectionId, at }: JoinCommand,
  event: Event,
  draft: Draft,
): Problem | undefined {
  const { status, salesStartAt, salesEndAt } = event;
  if (status !== 'on_sale' && status !== 'paused') return notOnSale(status);
  if (salesStartAt !== undefined && draft.now < salesStartAt) return saleNotStarted(salesStartAt);
  if (salesEndAt !== undefined && at >= salesEndAt) return saleEnded(salesEndAt);
  if (!findPool(event, sectionId)) {
    return sectionId === undefined ? sectionRequired() : sectionNotFound(sectionId, event.id);
  }
  return findLimits({ userId, lines: [{ sectionId, quantity }] }, event, draft);
}
