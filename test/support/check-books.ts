import { mongo } from 'mongoose';

export interface Imbalance {
  readonly eventId: string;
  readonly pool: string;
  readonly what: string;
  readonly expected: number;
  readonly found: number;
}

/**
 * Recounts every event from the bookings themselves (invariants 1 to 4 and 8), by code that shares nothing with the product's.
 * Returns what does not add up.
 */
export async function findImbalances(db: mongo.Db): Promise<Imbalance[]> {
  const imbalances: Imbalance[] = [];
  const [events, bookings, holds, movements, userTickets, changes, entries, requests] = await Promise.all(
    ['events', 'bookings', 'holds', 'movements', 'userTickets', 'bookingChanges', 'waitlistEntries', 'requests'].map(
      (name) => db.collection(name).find().toArray(),
    ),
  );
  for (const event of events!) {
    const eventId = String(event._id);
    const check = (pool: string, what: string, expected: number, found: number) => {
      if (expected !== found) imbalances.push({ eventId, pool, what, expected, found });
    };
    const own = bookings!.filter((booking) => String(booking['eventId']) === eventId);
    const ownHolds = holds!.filter((hold) => String(hold['eventId']) === eventId);
    const count = (documents: mongo.Document[], status: string, sectionId?: string) => {
      let tickets = 0;
      for (const document of documents) {
        if (document['status'] !== status) continue;
        for (const item of document['items']) {
          if (sectionId === undefined || String(item.sectionId) === sectionId) tickets += item.quantity;
        }
      }
      return tickets;
    };
    const lines = movements!.filter((movement) => String(movement['eventId']) === eventId).flatMap((m) => m['lines']);
    const moved = (kinds: string[], sectionId?: string) =>
      lines
        .filter(
          (line) => kinds.includes(line.kind) && (sectionId === undefined || String(line.sectionId) === sectionId),
        )
        .reduce((sum, line) => sum + line.quantity, 0);
    const checkPool = (pool: string, capacity: number, counts: mongo.Document, sectionId?: string) => {
      const { availableTickets, heldTickets, soldTickets } = counts;
      check(pool, 'capacity', availableTickets + heldTickets + soldTickets, capacity);
      check(pool, 'sold by the bookings', count(own, 'confirmed', sectionId), soldTickets);
      const reserved = reservedOf(event, sectionId);
      check(pool, 'held by the holds, or reserved', count(ownHolds, 'active', sectionId) + reserved, heldTickets);
      check(
        pool,
        'reserved by the movements',
        moved(['reserved'], sectionId) - moved(['unreserved'], sectionId),
        reserved,
      );
      check(
        pool,
        'sold by the movements',
        moved(['booked', 'imported', 'confirmed'], sectionId) - moved(['cancelled'], sectionId),
        soldTickets,
      );
      const ended = ['confirmed', 'released', 'expired'];
      check(
        pool,
        'held by the movements',
        moved(['held'], sectionId) - moved(ended, sectionId) + reserved,
        heldTickets,
      );
      check(
        pool,
        'capacity by the movements',
        moved(['opened', 'added'], sectionId) - moved(['removed'], sectionId),
        capacity,
      );
      check(pool, 'negative availability', Math.max(0, availableTickets), availableTickets);
    };
    checkPool('event', event['totalTickets'], event);
    for (const section of event['sections']) checkPool(section.name, section.capacity, section, String(section._id));
    for (const counted of userTickets!.filter((each) => String(each['eventId']) === eventId)) {
      const ofUser = ({ userId }: mongo.Document) => userId === counted['userId'];
      const tickets = count(own.filter(ofUser), 'confirmed') + count(ownHolds.filter(ofUser), 'active');
      check(`user ${counted['userId']}`, 'tickets of the user', tickets, counted['tickets']);
    }
    const ends = ownHolds.filter(({ status }) => status === 'active').map(({ expiresAt }) => expiresAt.getTime());
    const next = event['nextHoldExpiresAt']?.getTime() ?? Infinity;
    check('event', 'holds that end before the next end', 0, ends.filter((end) => end < next).length);
    checkWaitlist(event, entries!, ownHolds, (what, expected, found) => check('waitlist', what, expected, found));
    const results = [...own, ...ownHolds];
    checkQueue(event, requests!, results, (what, expected, found) => check('queue', what, expected, found));
    for (const hold of ownHolds) {
      const isBooked = own.some(({ _id }) => String(_id) === String(hold._id));
      check(
        String(hold._id),
        'a booking for a confirmed hold',
        hold['status'] === 'confirmed' ? 1 : 0,
        isBooked ? 1 : 0,
      );
    }
    for (const booking of own) {
      const items = booking['items'].reduce((sum: number, item: { quantity: number }) => sum + item.quantity, 0);
      check(String(booking._id), 'quantity', items, booking['quantity']);
      if (booking['status'] !== 'confirmed') continue;
      const bought = (booking['bought']?.items ?? booking['items']) as { quantity: number }[];
      const gone = changes!
        .filter(({ bookingId, kind }) => String(bookingId) === String(booking._id) && kind === 'cancelled')
        .flatMap(({ lines: cancelled }) => cancelled as { quantity: number }[]);
      const sum = (all: { quantity: number }[]) => all.reduce((total, { quantity }) => total + quantity, 0);
      check(String(booking._id), 'bought, but for what was cancelled', sum(bought) - sum(gone), booking['quantity']);
    }
  }
  return imbalances;
}

function reservedOf(event: mongo.Document, sectionId: string | undefined): number {
  const reserved = (event['waitlist']?.reserved ?? []) as { sectionId?: unknown; quantity: number }[];
  return reserved
    .filter((each) => sectionId === undefined || String(each.sectionId) === sectionId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** An entry is offered, accepted, left or expired as its hold is active, confirmed, released or expired. */
function checkWaitlist(
  event: mongo.Document,
  all: mongo.Document[],
  holds: mongo.Document[],
  check: (what: string, expected: number, found: number) => void,
): void {
  const { lastNumber = 0, waiting = 0, endedUpTo = 0 } = event['waitlist'] ?? {};
  const entries = all.filter(({ eventId }) => String(eventId) === String(event['_id']));
  const numbers = new Set(entries.map(({ number }) => number as number));
  check('numbers', entries.length, numbers.size);
  check('last number', Math.max(0, ...numbers), lastNumber);
  check(
    'who waits',
    entries.filter(({ status, number }) => status === 'waiting' && number > endedUpTo).length,
    waiting,
  );
  const ends: Record<string, string> = {
    active: 'offered',
    confirmed: 'accepted',
    released: 'left',
    expired: 'expired',
  };
  const offers = new Map(holds.filter(({ isOffer }) => isOffer).map((hold) => [String(hold['_id']), hold]));
  const odd = entries.filter(({ _id, status, quantity, offeredAt }) => {
    const hold = offers.get(String(_id));
    return hold ? status !== ends[hold['status']] || quantity !== hold['quantity'] : offeredAt !== undefined;
  });
  check('offers by their holds', 0, odd.length);
  const known = new Set(entries.map(({ _id }) => String(_id)));
  check('offers to nobody', 0, [...offers.keys()].filter((id) => !known.has(id)).length);
}

/** The last requests wait, those before have ended, and what is done has made a booking or a hold. */
function checkQueue(
  event: mongo.Document,
  all: mongo.Document[],
  results: mongo.Document[],
  check: (what: string, expected: number, found: number) => void,
): void {
  const { lastNumber = 0, waiting = 0 } = event['queue'] ?? {};
  const requests = all.filter(({ eventId }) => String(eventId) === String(event['_id']));
  const numbers = requests.map(({ number }) => number as number);
  check('numbers of requests', requests.length, new Set(numbers).size);
  check('last number of a request', 0, numbers.filter((number) => number > lastNumber).length);
  const queued = requests.filter(({ status }) => status === 'queued');
  check('requests that wait', queued.length, waiting);
  check('requests that wait behind', 0, queued.filter(({ number }) => number <= lastNumber - waiting).length);
  const made = new Set(results.map(({ _id }) => String(_id)));
  const undone = requests.filter(({ _id, status, resultId }) => {
    return status === 'done' ? !made.has(String(resultId)) : made.has(String(_id));
  });
  check('requests that are done by what they have made', 0, undone.length);
}

/** How many tickets the confirmed bookings of an event have. */
export async function countSold(db: mongo.Db, eventId: string): Promise<number> {
  const confirmed = await db
    .collection('bookings')
    .find({ eventId: new mongo.ObjectId(eventId), status: 'confirmed' })
    .toArray();
  return confirmed.reduce((sum, booking) => sum + booking['quantity'], 0);
}
