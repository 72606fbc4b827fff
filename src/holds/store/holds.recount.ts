import { Types } from 'mongoose';
import { type Difference, movedFor, type RecountSource } from '../../events/index.js';

const ODD_HOLDS_MAX = 100;

interface HoldSum {
  readonly _id: { readonly bookingId: Types.ObjectId; readonly sectionId?: Types.ObjectId };
  readonly held: number;
  readonly moved: number;
}

/** What the holds of an event add up to, and which of them contradict their movements. */
export const holdsRecount: RecountSource = {
  collections: ['holds'],

  async countPools(snapshot, eventId) {
    const pools = await snapshot.aggregate<{ _id: Types.ObjectId | null; held: number }>('holds', [
      { $match: { eventId: new Types.ObjectId(eventId), status: 'active' } },
      { $unwind: '$items' },
      { $group: { _id: '$items.sectionId', held: { $sum: '$items.quantity' } } },
    ]);
    return pools.map(({ _id, held }) => ({ sectionId: _id?.toHexString(), held }));
  },

  async findDifferences(snapshot, eventId): Promise<Difference[]> {
    const odd = await snapshot.aggregate<HoldSum>('holds', [
      { $match: { eventId: new Types.ObjectId(eventId), status: 'active' } },
      { $unwind: '$items' },
      { $project: { bookingId: '$_id', sectionId: '$items.sectionId', held: '$items.quantity' } },
      { $unionWith: { coll: 'movements', pipeline: movedFor(eventId, 'heldTickets') } },
      {
        $group: {
          _id: { bookingId: '$bookingId', sectionId: '$sectionId' },
          held: { $sum: '$held' },
          moved: { $sum: '$moved' },
        },
      },
      { $match: { $expr: { $ne: ['$held', '$moved'] } } },
      { $limit: ODD_HOLDS_MAX },
    ]);
    return odd.map(({ _id, held: expected, moved: found }) => ({
      check: 'movements of the hold',
      ...(_id.sectionId && { sectionId: _id.sectionId.toHexString() }),
      bookingId: _id.bookingId.toHexString(),
      expected,
      found,
    }));
  },
};
