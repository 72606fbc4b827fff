import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, Types } from 'mongoose';
import type { Instant } from '../../common/clock.js';
import { Snapshot } from '../../platform/database/index.js';
import type { Event } from '../event.js';
import type { MovedTickets, SalesRange } from '../sales.js';
import { toEvent } from '../schemas/event.mapper.js';
import type { EventRecord } from '../schemas/event.schema.js';
import type { MovementRecord } from './movement.schema.js';

/** An event at one revision, and what its movements up to this revision moved since a range of time began. */
export interface SalesBooks {
  readonly event: Event;
  readonly range: SalesRange;
  readonly moved: readonly MovedTickets[];
}

const READ_TIMEOUT_MS = 5_000;
/** By how much a movement may say that it is earlier than the one before: the clocks of servers differ, by far less. */
const DISORDER_MS = 60_000;

/** Reads how the tickets of an event went over time. It changes nothing. */
@Injectable()
export class SalesRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /**
   * The event and the sums of its movements in the range that `rangeOf` names for it, all as of one moment; undefined if
   * there is no such event. Throws what `rangeOf` throws.
   */
  read(eventId: string, rangeOf: (event: Event) => SalesRange): Promise<SalesBooks | undefined> {
    const read = async (snapshot: Snapshot) => {
      const id = new Types.ObjectId(eventId);
      const [record] = await snapshot.aggregate<EventRecord>('events', [{ $match: { _id: id } }]);
      if (!record) return undefined;
      const event = toEvent(record);
      const range = rangeOf(event);
      const first = await findFirstSince(snapshot, id, event.revision, range.from - DISORDER_MS);
      const moved = await snapshot.aggregate<MovedTickets>('movements', [
        { $match: { eventId: id, revision: { $gte: first, $lte: event.revision }, at: { $gt: new Date(range.from) } } },
        { $unwind: '$lines' },
        {
          $group: { _id: { bucket: bucketOf(range), kind: '$lines.kind' }, quantity: { $sum: '$lines.quantity' } },
        },
        { $project: { _id: 0, bucket: '$_id.bucket', kind: '$_id.kind', quantity: 1 } },
      ]);
      return { event, range, moved };
    };
    return Snapshot.run(this.connection, read, READ_TIMEOUT_MS);
  }
}

/**
 * A revision up to `last` before which no movement is later than `since`, but for `DISORDER_MS`. Searched by halves, so that
 * no sale has to keep an index of times; not each revision has a movement.
 */
async function findFirstSince(
  snapshot: Snapshot,
  eventId: Types.ObjectId,
  last: number,
  since: Instant,
): Promise<number> {
  let [low, high] = [1, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [next] = await snapshot.aggregate<Pick<MovementRecord, 'revision' | 'at'>>('movements', [
      { $match: { eventId, revision: { $gte: middle } } },
      { $sort: { revision: 1 } },
      { $limit: 1 },
      { $project: { _id: 0, revision: 1, at: 1 } },
    ]);
    if (next && next.at.getTime() < since) low = next.revision + 1;
    else high = middle;
  }
  return low;
}

/** An expression: the number of the bucket that a movement belongs to. A bucket has its end, and not its beginning. */
function bucketOf({ from, to, stepSeconds, buckets, endsNow }: SalesRange): object {
  const since = { $subtract: [{ $subtract: ['$at', new Date(from)] }, 1] };
  return {
    $cond: [
      { $gt: ['$at', new Date(to)] },
      endsNow ? buckets - 1 : buckets,
      { $floor: { $divide: [since, stepSeconds * 1_000] } },
    ],
  };
}
