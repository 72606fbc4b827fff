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
  const [events, bookings, movements, userTickets] = await Promise.all(
    ['events', 'bookings', 'movements', 'userTickets'].map((name) => db.collection(name).find().toArray()),
  );
  for (const event of events!) {
    const eventId = String(event._id);
    const check = (pool: string, what: string, expected: number, found: number) => {
      if (expected !== found) imbalances.push({ eventId, pool, what, expected, found });
    };
    const own = bookings!.filter((booking) => String(booking['eventId']) === eventId);
    const sold = (sectionId?: string) => {
      let tickets = 0;
      for (const booking of own) {
        if (booking['status'] !== 'confirmed') continue;
        for (const item of booking['items']) {
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
      check(pool, 'sold by the bookings', sold(sectionId), soldTickets);
      check(
        pool,
        'sold by the movements',
        moved(['booked', 'imported'], sectionId) - moved(['cancelled'], sectionId),
        soldTickets,
      );
      check(pool, 'capacity by the movements', moved(['opened'], sectionId), capacity);
      check(pool, 'negative availability', Math.max(0, availableTickets), availableTickets);
    };
    checkPool('event', event['totalTickets'], event);
    for (const section of event['sections']) checkPool(section.name, section.capacity, section, String(section._id));
    for (const count of userTickets!.filter((each) => String(each['eventId']) === eventId)) {
      const confirmed = own.filter(({ userId, status }) => userId === count['userId'] && status === 'confirmed');
      const tickets = confirmed.reduce((sum, booking) => sum + booking['quantity'], 0);
      check(`user ${count['userId']}`, 'tickets of the user', tickets, count['tickets']);
    }
    for (const booking of own) {
      const items = booking['items'].reduce((sum: number, item: { quantity: number }) => sum + item.quantity, 0);
      check(String(booking._id), 'quantity', items, booking['quantity']);
    }
  }
  return imbalances;
}

/** How many tickets the confirmed bookings of an event have. */
export async function countSold(db: mongo.Db, eventId: string): Promise<number> {
  const confirmed = await db
    .collection('bookings')
    .find({ eventId: new mongo.ObjectId(eventId), status: 'confirmed' })
    .toArray();
  return confirmed.reduce((sum, booking) => sum + booking['quantity'], 0);
}
