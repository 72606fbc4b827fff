import { Types } from 'mongoose';
import { type CountedPool, type Difference, movedFor, type RecountSource } from '../../events/index.js';
import type { Snapshot } from '../../platform/database/index.js';

const ODD_BOOKINGS_MAX = 100;

interface PoolSum extends Omit<CountedPool, 'sectionId'> {
  readonly _id: Types.ObjectId | null;
}

interface QuantitySum {
  readonly _id: Types.ObjectId;
  readonly quantity: number;
  readonly sum: number;
}

interface BookingSum {
  readonly _id: { readonly bookingId: Types.ObjectId; readonly sectionId?: Types.ObjectId };
  readonly booked: number;
  readonly moved: number;
}

/** What the bookings of an event add up to, and which of them contradict their items or movements. */
export const bookingsRecount: RecountSource = {
  collections: ['bookings'],

  async countPools(snapshot, eventId) {
    const when = (condition: object) => ({ $sum: { $cond: [condition, '$items.quantity', 0] } });
    const pools = await snapshot.aggregate<PoolSum>('bookings', [
      { $match: { eventId: new Types.ObjectId(eventId) } },
      { $unwind: '$items' },
      {
        $group: {
          _id: '$items.sectionId',
          confirmed: when({ $eq: ['$status', 'confirmed'] }),
          imported: when({ $eq: ['$imported', true] }),
        },
      },
    ]);
    return pools.map(({ _id, ...sums }) => ({ sectionId: _id?.toHexString(), ...sums }));
  },

  async findDifferences(snapshot, eventId) {
    return [...(await findWrongSums(snapshot, eventId)), ...(await findOddBookings(snapshot, eventId))];
  },
};

/** Finds bookings whose quantity is not the sum of their items' quantities. */
async function findWrongSums(snapshot: Snapshot, eventId: string): Promise<Difference[]> {
  const wrong = await snapshot.aggregate<QuantitySum>('bookings', [
    { $match: { eventId: new Types.ObjectId(eventId), $expr: { $ne: ['$quantity', { $sum: '$items.quantity' }] } } },
    { $limit: ODD_BOOKINGS_MAX },
    { $project: { quantity: 1, sum: { $sum: '$items.quantity' } } },
  ]);
  return wrong.map(({ _id, sum: expected, quantity: found }) => ({
    check: 'quantity of the booking by its items',
    bookingId: String(_id),
    expected,
    found,
  }));
}

/** Finds bookings whose movements do not add up to their items, section by section; an imported one's only to its return. */
async function findOddBookings(snapshot: Snapshot, eventId: string): Promise<Difference[]> {
  const isConfirmed = { $eq: ['$status', 'confirmed'] };
  const minus = { $multiply: ['$items.quantity', -1] };
  const booked = {
    $cond: [
      { $eq: ['$imported', true] },
      { $cond: [isConfirmed, 0, minus] },
      { $cond: [isConfirmed, '$items.quantity', 0] },
    ],
  };
  const odd = await snapshot.aggregate<BookingSum>('bookings', [
    { $match: { eventId: new Types.ObjectId(eventId) } },
    { $unwind: '$items' },
    { $project: { bookingId: '$_id', sectionId: '$items.sectionId', booked } },
    { $unionWith: { coll: 'movements', pipeline: movedFor(eventId, 'soldTickets') } },
    {
      $group: {
        _id: { bookingId: '$bookingId', sectionId: '$sectionId' },
        booked: { $sum: '$booked' },
        moved: { $sum: '$moved' },
      },
    },
    { $match: { $expr: { $ne: ['$booked', '$moved'] } } },
    { $limit: ODD_BOOKINGS_MAX },
  ]);
  return odd.map(({ _id, booked: expected, moved: found }) => ({
    check: 'movements of the booking',
    ...(_id.sectionId && { sectionId: _id.sectionId.toHexString() }),
    bookingId: _id.bookingId.toHexString(),
    expected,
    found,
  }));
}
