import { Types } from 'mongoose';
import type { Difference, RecountSource, WaitlistRecord } from '../../events/index.js';
import type { Snapshot } from '../../platform/database/index.js';

/** What the waitlist of an event keeps for its entries, and whether they and their offers agree. */
export const waitlistRecount: RecountSource = {
  collections: ['waitlistEntries'],

  async countPools(snapshot, eventId) {
    const waitlist = await readWaitlist(snapshot, eventId);
    return (waitlist?.reserved ?? []).map(({ sectionId, quantity }) => {
      return { sectionId: sectionId?.toHexString(), held: quantity };
    });
  },

  async findDifferences(snapshot, eventId): Promise<Difference[]> {
    const waitlist = await readWaitlist(snapshot, eventId);
    const [waits] = await snapshot.aggregate<{ count: number }>('waitlistEntries', [
      {
        $match: {
          eventId: new Types.ObjectId(eventId),
          status: 'waiting',
          number: { $gt: waitlist?.endedUpTo ?? 0 },
        },
      },
      { $count: 'count' },
    ]);
    const [waiting, stored] = [waits?.count ?? 0, waitlist?.waiting ?? 0];
    const odd = await countOddOffers(snapshot, eventId);
    return [
      ...(waiting === stored ? [] : [{ check: 'waiting by the entries', expected: waiting, found: stored }]),
      ...(odd === 0 ? [] : [{ check: 'offers by their holds', expected: 0, found: odd }]),
    ];
  },
};

async function readWaitlist(snapshot: Snapshot, eventId: string): Promise<WaitlistRecord | undefined> {
  const id = new Types.ObjectId(eventId);
  const [event] = await snapshot.aggregate<{ waitlist?: WaitlistRecord }>('events', [
    { $match: { _id: id } },
    { $project: { waitlist: 1 } },
  ]);
  return event?.waitlist;
}

/** How many entries are not in the state of the hold with the same id. */
async function countOddOffers(snapshot: Snapshot, eventId: string): Promise<number> {
  const ofEvent = { eventId: new Types.ObjectId(eventId) };
  const ends = [
    ['active', 'offered'],
    ['confirmed', 'accepted'],
    ['released', 'left'],
    ['expired', 'expired'],
  ];
  const isAsOffer = {
    $or: ends.map(([hold, entry]) => ({ $and: [{ $eq: ['$hold', hold] }, { $eq: ['$entry', entry] }] })),
  };
  const [odd] = await snapshot.aggregate<{ count: number }>('waitlistEntries', [
    { $match: { ...ofEvent, offeredAt: { $exists: true } } },
    { $project: { entry: '$status' } },
    {
      $unionWith: {
        coll: 'holds',
        pipeline: [{ $match: { ...ofEvent, isOffer: true } }, { $project: { hold: '$status' } }],
      },
    },
    { $group: { _id: '$_id', entry: { $max: '$entry' }, hold: { $max: '$hold' } } },
    { $match: { $expr: { $not: [isAsOffer] } } },
    { $count: 'count' },
  ]);
  return odd?.count ?? 0;
}
