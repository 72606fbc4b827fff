import { checkBooked, checkEnd } from './check-holds.js';
import { checkStored, isWanted, phantom } from './check-stored.js';
import { groupBy } from './group-by.js';
import {
  type EntryStatus,
  type FinalEntry,
  type FinalHold,
  type FinalState,
  type History,
  type HoldStatus,
  isCalled,
  looksOf,
  type WaitIntent,
} from './history.js';
import { describeHolder, type Violation } from './violation.js';

/** The state of an entry by that of the hold that was offered. */
const STATUS_OF: Record<HoldStatus, EntryStatus> = {
  active: 'offered',
  confirmed: 'accepted',
  released: 'left',
  expired: 'expired',
};
/** The states that an entry may be in later. */
const AFTER: Record<EntryStatus, readonly EntryStatus[]> = {
  waiting: ['waiting', 'offered', 'accepted', 'left', 'expired'],
  offered: ['offered', 'accepted', 'left', 'expired'],
  accepted: ['accepted'],
  left: ['left'],
  // Where the tickets are there, a payment that comes too late buys them.
  expired: ['expired', 'accepted'],
};

/** What is wrong between what callers were told of their places in a waitlist, and the entries and their offers that are stored. */
export function checkEntries({ waits }: History, { entries, holds, bookings }: FinalState): Violation[] {
  const entryOf = new Map(entries.map((entry) => [entry.userId, entry]));
  const holdsOf = groupBy(holds, ({ userId }) => userId);
  const bookingsOf = groupBy(bookings, ({ userId }) => userId);
  return [
    ...checkStored('entry', waits, entries),
    ...waits.flatMap((intent) => {
      const { userId } = intent;
      const [offer, ...others] = holdsOf.get(userId) ?? [];
      const booked = bookingsOf.get(userId) ?? [];
      return [
        ...checkTold(intent, entryOf.get(userId)),
        ...checkOffer(intent, entryOf.get(userId), offer),
        ...(others.length > 0 ? [{ kind: 'offered_twice', detail: describeHolder(intent) } as const] : []),
        ...(offer ? checkBooked(intent, offer, booked) : booked.map((booking) => phantom('booking', booking))),
      ];
    }),
  ];
}

/** What was told once stays true, and nothing is told that can't come after what was told before. */
function checkTold(intent: WaitIntent, entry: FinalEntry | undefined): Violation[] {
  const told = looksOf(intent);
  const isFalse = told.some(({ endMs, status }) => {
    const later = told.filter(({ startMs }) => startMs > endMs).map((look) => look.status);
    if (entry) later.push(entry.status);
    return later.some((next) => !AFTER[status].includes(next));
  });
  return isFalse ? [{ kind: 'contradicted', detail: `${JSON.stringify(entry)}, ${describeHolder(intent)}` }] : [];
}

/** An entry has at most one hold, which has its id, its tickets and its state; without one it waits, or was left. */
function checkOffer(intent: WaitIntent, entry: FinalEntry | undefined, offer: FinalHold | undefined): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: Violation['kind']) =>
    violations.push({ kind, detail: `${JSON.stringify([entry, offer])}, ${describeHolder(intent)}` });
  const isTold = looksOf(intent).some(({ status }) => status === 'offered');
  if (!offer) {
    if (isTold) report('lost_hold');
    if (entry && entry.status !== 'waiting' && entry.status !== 'left') report('wrong_entry');
    if (entry?.status === 'left' && !isCalled(intent, 'leave')) report('uncalled_end');
    return violations;
  }
  if (offer.id !== entry?.id) report('phantom_hold');
  else if (STATUS_OF[offer.status] !== entry.status) report('wrong_entry');
  if (!isWanted(offer, intent)) report('altered_hold');
  return [...violations, ...checkEnd(intent, offer)];
}
