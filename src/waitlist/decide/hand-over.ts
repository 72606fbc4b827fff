import {
  type ClosingRule,
  type Draft,
  type DueRule,
  findLimits,
  findPool,
  type FreeingRule,
  isCounted,
  keepsCount,
  userTicketsLookup,
} from '../../bookings/index.js';
import type { Instant } from '../../common/clock.js';
import type { Event, MovementLine, Reserved, Waitlist } from '../../events/index.js';
import { type Hold, HOLDS, startHold } from '../../holds/index.js';
import { ENDS, ENTRIES, type Entry } from '../entry.js';
import { saleOf } from '../sale.js';
import { type Loose, Queue, queueLookup, type QueueQuery } from './queue.js';

/** How many offers one transaction makes in all: others wait for it. */
const OFFERS_MAX = 200;
/** How many entries of each quantity are read at least where those before could not have the tickets. */
const READ_ON = 300;

export interface HandOverOptions {
  readonly offerSeconds: number;
  /** No entry wants more tickets. */
  readonly maxQuantity: number;
}

/** What became of a pool's loose tickets: who gets some, and those of which it is not known yet. */
interface HandedOver {
  readonly entries: readonly Entry[];
  readonly rest: Reserved | undefined;
}

/** Tickets that become free where somebody waits are for nobody else, until it is known that nobody wants them. */
export const withholdFreed: FreeingRule = {
  whenFreed(event, sectionIds, draft) {
    const sale = saleOf(event, draft.now);
    const { waiting, reserved } = event.waitlist ?? { waiting: 0, reserved: [] };
    if (sale === 'over' || (waiting === 0 && reserved.length === 0)) return;
    for (const sectionId of sectionIds) draft.withhold(event, sectionId);
    if (sale === 'open') draft.fallBehind(event.id);
  },
};

/** While tickets are reserved that may be for nobody, no refusal is true. */
export const reservedAreDue: DueRule = {
  table: ENTRIES.name,
  isDue: (event, now) =>
    event.waitlist !== undefined && event.waitlist.reserved.length > 0 && saleOf(event, now) !== 'closed',
  lookups: () => [],
  follow: () => [],
  settle: (event, draft) => draft.fallBehind(event.id),
};

/**
 * Hands over to those who wait what became free: each time to the first in their order whom it fits, as a hold. What it
 * can't hand over in this transaction stays held for them, and is due at once.
 */
export function handOver(options: HandOverOptions): ClosingRule {
  return {
    close(draft) {
      endOffers(draft);
      const budget = { offers: OFFERS_MAX };
      for (const event of draft.events) {
        if (event.waitlist) closeEvent(event, event.waitlist, draft, options, budget);
      }
    },
  };
}

/** Writes to the entries what became of their offers. */
function endOffers(draft: Draft): void {
  for (const { id, eventId, status, isOffer } of draft.listPut(HOLDS)) {
    if (!isOffer || status === 'active') continue;
    const entry = draft.find(ENTRIES, id);
    if (!entry) draft.ask({ table: ENTRIES.name, eventId, by: 'id', value: id });
    else if (entry.status !== ENDS[status]) draft.put(ENTRIES, { ...entry, status: ENDS[status] });
  }
}

function closeEvent(
  event: Event,
  waitlist: Waitlist,
  draft: Draft,
  options: HandOverOptions,
  budget: { offers: number },
): void {
  const before = draft.eventAsRead(event.id) ?? event;
  const [sale, was] = [saleOf(event, draft.now), saleOf(before, draft.now)];
  // A sale that has ended, and is extended only now, has ended its waitlist.
  if (sale === 'over' || was === 'over') {
    const isWritten = draft.isWritten(event.id);
    if (waitlist.reserved.length > 0 || (isWritten && waitlist.waiting > 0)) endWaitlist(event, waitlist, draft);
    return;
  }
  const pools = findLoose(event, waitlist, draft);
  if (pools.length === 0) return;
  // Before an edit that sets the first limit, no ticket of a user was counted: the next transaction reads the counts.
  const isUncounted = keepsCount(event) && !keepsCount(before);
  const done = pools.map((loose): HandedOver => {
    if (waitlist.waiting === 0) return { entries: [], rest: undefined };
    const offers = sale === 'closed' || isUncounted ? 0 : Math.min(loose.quantity, budget.offers);
    budget.offers -= offers;
    return offers === 0 ? { entries: [], rest: toReserved(loose) } : handOverPool(event, loose, offers, draft, options);
  });
  keep(event, waitlist, done, draft);
}

/** The pools with tickets that are withheld or reserved. Where there are more than before, the first in the order is asked first. */
function findLoose(event: Event, { reserved }: Waitlist, draft: Draft): Loose[] {
  const sectionIds = event.sections.length === 0 ? [undefined] : event.sections.map(({ id }) => id);
  return sectionIds.flatMap((sectionId) => {
    const before = reserved.find((each) => each.sectionId === sectionId);
    // What is available beside reserved tickets may, with those, be what somebody waits for.
    if (before) draft.withhold(event, sectionId);
    const more = draft.withheldOf(event.id, sectionId);
    const quantity = more + (before?.quantity ?? 0);
    const after = more > 0 ? 0 : (before?.after ?? 0);
    return quantity === 0 ? [] : [{ sectionId, quantity, after, readOn: before ? READ_ON : 0 }];
  });
}

/** The sale is over: nobody waits, and what was reserved is available. */
function endWaitlist(event: Event, { lastNumber, reserved }: Waitlist, draft: Draft): void {
  draft.move(
    event.id,
    reserved.map(({ sectionId, quantity }) => lineOf('unreserved', sectionId, quantity)),
  );
  draft.changeEvent(event.id, { waitlist: { lastNumber, waiting: 0, endedUpTo: lastNumber, reserved: [] } });
}

/** Offers the pool's tickets, one entry after the other, so many at most; what it does not know, it asks for. */
function handOverPool(event: Event, loose: Loose, offers: number, draft: Draft, options: HandOverOptions): HandedOver {
  const { sectionId } = loose;
  const { maxTicketsPerBooking = Infinity, maxTicketsPerUser = Infinity } = event;
  // Who wants more can't have it.
  const maxQuantity = Math.min(options.maxQuantity, maxTicketsPerBooking, maxTicketsPerUser);
  const asked = findAsked(event, loose, draft);
  if (!asked) {
    draft.ask(queueLookup(event, { ...loose, quantity: offers }, maxQuantity));
    return { entries: [], rest: toReserved(loose) };
  }
  const queue = new Queue(draft, event, asked, loose.after);
  const unknown = queue.entries.filter(({ userId }) => !isCounted(draft, event, userId));
  if (unknown.length > 0) {
    for (const { userId } of unknown) for (const lookup of userTicketsLookup(event, userId)) draft.ask(lookup);
    return { entries: [], rest: toReserved(loose) };
  }
  const entries: Entry[] = [];
  let [left, after] = [loose.quantity, loose.after];
  for (const entry of queue.entries) {
    if (left === 0 || entries.length === offers || entry.number > queue.knownFor(left, maxQuantity)) break;
    after = entry.number;
    if (entry.quantity > left || findLimits(asWish(entry), event, draft)) continue;
    offer(event, entry, draft, options);
    entries.push(entry);
    left -= entry.quantity;
  }
  const known = entries.length === offers ? after : queue.knownFor(left, maxQuantity);
  // Nobody else wants any of them.
  if (left === 0 || known === Infinity) return { entries, rest: undefined };
  return { entries, rest: { sectionId, quantity: left, after: known } };
}

function toReserved({ sectionId, quantity, after }: Loose): Reserved {
  return { sectionId, quantity, after };
}

/** What was read of the pool's queue: nothing that comes before it may be left out. */
function findAsked(event: Event, { sectionId, after }: Loose, draft: Draft): QueueQuery | undefined {
  return draft.asked
    .filter(({ table, by, eventId }) => table === ENTRIES.name && by === 'pool' && eventId === event.id)
    .map(({ value }) => JSON.parse(value) as QueueQuery)
    .find((query) => query.sectionId === sectionId && query.after <= Math.max(after, event.waitlist?.endedUpTo ?? 0));
}

function offer(event: Event, entry: Entry, draft: Draft, { offerSeconds }: HandOverOptions): void {
  const { id, eventId, userId, quantity, sectionId, soldBy } = entry;
  const expiresAt = draft.now + offerSeconds * 1_000;
  const items = [{ sectionId, quantity, price: findPool(event, sectionId)?.price }];
  const hold: Hold = {
    id,
    eventId,
    userId,
    items,
    quantity,
    status: 'active',
    createdAt: draft.now,
    ttlSeconds: offerSeconds,
    expiresAt,
    reference: undefined,
    metadata: undefined,
    idempotency: undefined,
    soldBy,
    settlements: [],
    isOffer: true,
  };
  startHold(draft, event, hold);
  draft.put(ENTRIES, { ...entry, status: 'offered', offeredAt: draft.now, offerExpiresAt: expiresAt });
}

/** Writes to the event who waits no longer, and what stays reserved. */
function keep(event: Event, waitlist: Waitlist, done: readonly HandedOver[], draft: Draft): void {
  const reserved = done.flatMap(({ rest }) => rest ?? []);
  const before = new Map(waitlist.reserved.map((each) => [each.sectionId, each.quantity]));
  const after = new Map(reserved.map((each) => [each.sectionId, each.quantity]));
  const lines = [...new Set([...before.keys(), ...after.keys()])].flatMap((sectionId): MovementLine[] => {
    const more = (after.get(sectionId) ?? 0) - (before.get(sectionId) ?? 0);
    return more === 0 ? [] : [lineOf(more > 0 ? 'reserved' : 'unreserved', sectionId, Math.abs(more))];
  });
  const offered = done.flatMap(({ entries }) => entries);
  const due = reserved.length > 0 ? nextDue(event, draft) : undefined;
  if (due === undefined && offered.length === 0 && isSame(reserved, waitlist.reserved)) return;
  draft.move(event.id, lines);
  draft.changeEvent(event.id, {
    waitlist: { ...waitlist, waiting: waitlist.waiting - offered.length, reserved },
    ...(due !== undefined && { nextHoldExpiresAt: due }),
  });
}

/** When reserved tickets are due, where that is earlier than the event says: as soon as they may be sold, or may not any more. */
function nextDue({ id, status, salesStartAt = 0, salesEndAt = Infinity }: Event, draft: Draft): Instant | undefined {
  const opens = status === 'on_sale' ? Math.max(draft.now, salesStartAt) : Infinity;
  const next = Math.min(opens, salesEndAt);
  return next < (draft.findEvent(id)?.nextHoldExpiresAt ?? Infinity) ? next : undefined;
}

function lineOf(kind: 'reserved' | 'unreserved', sectionId: string | undefined, quantity: number): MovementLine {
  return { kind, sectionId, bookingId: undefined, quantity };
}

function isSame(one: readonly Reserved[], other: readonly Reserved[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function asWish({ userId, sectionId, quantity }: Entry) {
  return { userId, lines: [{ sectionId, quantity }] };
}
