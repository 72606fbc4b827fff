import { Types } from 'mongoose';
import type { RecountSource, UserTicketsSource } from '../../events/index.js';

/** Finds out whether the counts of users' tickets are what their documents say. A difference names no user: it is logged. */
export const userTicketsRecount = (sources: readonly UserTicketsSource[]): RecountSource => ({
  collections: ['userTickets'],

  async findDifferences(snapshot, eventId) {
    // A range of `_id`, which is "<eventId>/<userId>".
    const ofEvent = { $match: { _id: { $gte: `${eventId}/`, $lt: `${eventId}0` } } };
    const keepsCounts = (await snapshot.aggregate('userTickets', [ofEvent, { $limit: 1 }])).length > 0;
    if (!keepsCounts) return [];
    const union = ({ collection, status }: UserTicketsSource) => ({
      $unionWith: {
        coll: collection,
        pipeline: [
          { $match: { eventId: new Types.ObjectId(eventId), status } },
          { $group: { _id: '$userId', has: { $sum: '$quantity' } } },
          { $project: { _id: 0, userId: '$_id', has: 1 } },
        ],
      },
    });
    const counts = await snapshot.aggregate<{ wrong: number }>('userTickets', [
      ofEvent,
      { $project: { _id: 0, userId: 1, tickets: 1 } },
      ...sources.map(union),
      { $group: { _id: '$userId', tickets: { $max: '$tickets' }, has: { $sum: '$has' } } },
      // A user without a count is counted when that is needed.
      { $match: { tickets: { $ne: null }, $expr: { $ne: ['$tickets', '$has'] } } },
      { $count: 'wrong' },
    ]);
    const wrong = counts[0]?.wrong ?? 0;
    return wrong === 0 ? [] : [{ check: 'counts of users by their bookings', expected: 0, found: wrong }];
  },
});
