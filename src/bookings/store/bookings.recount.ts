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
  readonly expected: number;
  readonly found: number;
}

/**
 * An aggregation of bookings: for each pool of each booking, how many tickets it has, how many it bought, and how many of
 * those were imported.
 */
const BY_POOL = [
  {
    $project: {
      imported: 1,
      lines: {
        $concatArrays: [
          {
            $map: {
              input: '$items',
              as: 'item',
              in: lineOf({ has: { $cond: [isConfirmed(), '$$item.quantity', 0] } }),
            },
          },
          {
            $map: {
              input: { $ifNull: ['$bought.items', '$items'] },
              as: 'item',
              in: lineOf({ bought: '$$item.quantity' }),
            },
          },
        ],
      },
    },
  },
  { $unwind: '$lines' },
  {
    $project: {
      bookingId: '$_id',
      sectionId: '$lines.sectionId',
      has: { $ifNull: ['$lines.has', 0] },
      bought: { $ifNull: ['$lines.bought', 0] },
      imported: { $cond: [{ $eq: ['$imported', true] }, { $ifNull: ['$lines.bought', 0] }, 0] },
    },
  },
];

function isConfirmed(): object {
  return { $eq: ['$status', 'confirmed'] };
}

function lineOf(quantities: object): object {
  return { sectionId: '$$item.sectionId', ...quantities };
}

/** What the bookings of an event add up to, and which of them contradict their items, their changes or their movements. */
export const bookingsRecount: RecountSource = {
  collections: ['bookings', 'bookingChanges'],

  async countPools(snapshot, eventId) {
    const pools = await snapshot.aggregate<PoolSum>('bookings', [
      { $match: { eventId: new Types.ObjectId(eventId) } },
      ...BY_POOL,
      { $group: { _id: '$sectionId', confirmed: { $sum: '$has' }, imported: { $sum: '$imported' } } },
    ]);
    return pools.map(({ _id, ...sums }) => ({ sectionId: _id?.toHexString(), ...sums }));
  },

  async findDifferences(snapshot, eventId) {
    return [
      ...(await findWrongSums(snapshot, eventId)),
      ...(await findOddBookings(snapshot, eventId)),
      ...(await findOddChanges(snapshot, eventId)),
    ];
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

/** Finds bookings whose movements do not add up to what they have, section by section; an imported one's only to its return. */
async function findOddBookings(snapshot: Snapshot, eventId: string): Promise<Difference[]> {
  const odd = await snapshot.aggregate<BookingSum>('bookings', [
    { $match: { eventId: new Types.ObjectId(eventId) } },
    ...BY_POOL,
    { $project: { bookingId: 1, sectionId: 1, expected: { $subtract: ['$has', '$imported'] } } },
    { $unionWith: { coll: 'movements', pipeline: movedFor(eventId, 'soldTickets') } },
    ...unequal('$moved'),
  ]);
  return odd.map((sum) => toDifference('movements of the booking', sum));
}

/** Finds confirmed bookings of which not as many tickets are gone as their changes have cancelled, section by section. */
async function findOddChanges(snapshot: Snapshot, eventId: string): Promise<Difference[]> {
  const odd = await snapshot.aggregate<BookingSum>('bookings', [
    { $match: { eventId: new Types.ObjectId(eventId), status: 'confirmed', changes: { $exists: true } } },
    ...BY_POOL,
    { $project: { bookingId: 1, sectionId: 1, expected: { $subtract: ['$bought', '$has'] } } },
    {
      $unionWith: {
        coll: 'bookingChanges',
        pipeline: [
          { $match: { eventId: new Types.ObjectId(eventId), kind: 'cancelled', 'after.lines': { $ne: [] } } },
          // A later change has cancelled the rest, or a server of an earlier release has.
          { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
          { $match: { 'booking.status': { $ne: 'cancelled' } } },
          { $unwind: '$lines' },
          { $project: { bookingId: 1, sectionId: '$lines.sectionId', found: '$lines.quantity' } },
        ],
      },
    },
    ...unequal('$found'),
  ]);
  return odd.map((sum) => toDifference('cancelled tickets of the booking by its history', sum));
}

/** An aggregation: the pools of bookings for which the sum of `expected` is not that of `found`. */
function unequal(found: string): object[] {
  return [
    {
      $group: {
        _id: { bookingId: '$bookingId', sectionId: '$sectionId' },
        expected: { $sum: '$expected' },
        found: { $sum: found },
      },
    },
    { $match: { $expr: { $ne: ['$expected', '$found'] } } },
    { $limit: ODD_BOOKINGS_MAX },
  ];
}

function toDifference(check: string, { _id, expected, found }: BookingSum): Difference {
  return {
    check,
    ...(_id.sectionId && { sectionId: _id.sectionId.toHexString() }),
    bookingId: _id.bookingId.toHexString(),
    expected,
    found,
  };
}
