import { Types } from 'mongoose';
import { type Difference, endedUpTo, type Queue, type RecountSource } from '../../events/index.js';

/** Whether the queue of an event is as long as the event says, and what is done has made something. */
export const requestsRecount: RecountSource = {
  collections: ['requests'],

  countPools: () => Promise.resolve([]),

  async findDifferences(snapshot, eventId): Promise<Difference[]> {
    const id = new Types.ObjectId(eventId);
    const [event] = await snapshot.aggregate<{ queue?: Queue }>('events', [
      { $match: { _id: id } },
      { $project: { queue: 1 } },
    ]);
    if (!event?.queue) return [];
    const { lastNumber, waiting } = event.queue;
    const count = async (match: object) => {
      const [found] = await snapshot.aggregate<{ count: number }>('requests', [
        { $match: { eventId: id, ...match } },
        { $count: 'count' },
      ]);
      return found?.count ?? 0;
    };
    const queued = await count({ status: 'queued' });
    const inPlace = await count({ status: 'queued', number: { $gt: endedUpTo(event.queue), $lte: lastNumber } });
    return [
      ...(queued === waiting ? [] : [{ check: 'queued by the requests', expected: queued, found: waiting }]),
      ...(inPlace === queued ? [] : [{ check: 'queued requests in their places', expected: queued, found: inPlace }]),
    ];
  },
};
