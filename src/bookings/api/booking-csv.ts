import { toCsvLine, toHarmlessText } from '../../common/csv.js';
import { type Booking, leftOf, purchaseOf } from '../booking.js';
import type { EventBookings } from '../booking-reads.js';

/** The columns: a row for each item of a booking. */
const HEADER = toCsvLine([
  '_id',
  'userId',
  'status',
  'section',
  'quantity',
  'remaining',
  'amount',
  'currency',
  'bookedAt',
  'cancelledAt',
  'reference',
]);

/** The bookings of an event as the text of a CSV file, after `start`, piece by piece. */
export async function* toBookingsCsv({ event, bookings }: EventBookings, start = ''): AsyncGenerator<string> {
  const names = new Map(event.sections.map(({ id, name }) => [id, name]));
  let before = start + HEADER;
  for await (const booking of bookings) {
    yield before + toRows(booking, names);
    before = '';
  }
  if (before !== '') yield before;
}

/** Users, sections and references have names that others chose; all other cells are ours. */
function toRows(booking: Booking, sectionNames: ReadonlyMap<string, string>): string {
  const { id, userId, status, bookedAt, cancelledAt, reference } = booking;
  const rows = purchaseOf(booking).items.map(({ sectionId, quantity, price }) =>
    toCsvLine([
      id,
      toHarmlessText(userId ?? ''),
      status,
      // A section that an import has lost has no name any more.
      sectionId === undefined ? '' : toHarmlessText(sectionNames.get(sectionId) ?? sectionId),
      quantity,
      leftOf(booking, sectionId),
      price?.amount,
      price?.currency,
      toTime(bookedAt),
      cancelledAt === undefined ? undefined : toTime(cancelledAt),
      toHarmlessText(reference ?? ''),
    ]),
  );
  return rows.join('');
}

function toTime(instant: number): string {
  return new Date(instant).toISOString();
}
