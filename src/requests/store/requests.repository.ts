import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { type DocumentStore, insertNew, type Lookup, type StoredChange, toAlikeUpdates } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import { type Tx, updateAll } from '../../platform/database/index.js';
import type { Queue } from '../../events/index.js';
import { type QueuedRequest, REQUESTS } from '../request.js';
import { toRequest, toRequestRecord } from './request.mapper.js';
import { ENDED_REQUESTS, REQUESTS_OF_EVENT, REQUESTS_OF_USER, RequestRecord } from './request.schema.js';
import { requestsCollection } from './requests.collections.js';

type Filter = QueryFilter<RequestRecord>;

/** Keeps requests of queues. */
@Injectable()
export class RequestsRepository implements DocumentStore<QueuedRequest> {
  readonly table = REQUESTS;

  constructor(@InjectModel(RequestRecord.name) private readonly requests: Model<RequestRecord>) {}

  /** The requests that have one of the ids or keys, those of a user, and the first that wait after a number. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<QueuedRequest[]> {
    const named = lookups.filter(({ by }) => by === 'id' || by === 'key').map(toFilter);
    const found = named.length === 0 ? [] : await this.find(tx, { $or: named });
    for (const { eventId, by, value, limit = 1 } of lookups) {
      const ofEvent = { eventId: new Types.ObjectId(eventId) };
      if (by === 'after') {
        const waiting: Filter = { ...ofEvent, number: { $gt: Number(value) }, status: 'queued' };
        found.push(...(await this.find(tx, waiting, { sort: { number: 1 }, hint: REQUESTS_OF_EVENT, limit })));
      }
      if (by === 'owner') {
        found.push(...(await this.find(tx, { ...ofEvent, userId: value }, { hint: REQUESTS_OF_USER, limit })));
      }
    }
    return found;
  }

  /** Throws Outdated where one of them was made before, by its id, its number or its key. */
  async insert(tx: Tx, requests: readonly QueuedRequest[]): Promise<void> {
    if (requests.length > 0) await insertNew(tx, requestsCollection, this.requests, requests.map(toRequestRecord));
  }

  /** A request whose state is not the one that was read stays as it is. */
  async update(tx: Tx, changes: readonly StoredChange<QueuedRequest>[]): Promise<void> {
    if (changes.length === 0) return;
    const matched = await updateAll(tx, this.requests, toAlikeUpdates(changes, toRequestRecord));
    assert(matched === changes.length, 'the requests are as this transaction has read them');
  }

  /** The request as a majority has it, and the queue of its event a moment later; undefined where there is no such request. */
  async look(id: string): Promise<{ request: QueuedRequest; queue: Queue | undefined } | undefined> {
    const [found] = await this.requests.aggregate<RequestRecord & { event: { queue?: Queue }[] }>([
      { $match: { _id: new Types.ObjectId(id) } },
      {
        $lookup: {
          from: 'events',
          localField: 'eventId',
          foreignField: '_id',
          pipeline: [{ $project: { queue: 1 } }],
          as: 'event',
        },
      },
    ]);
    return found && { request: toRequest(found), queue: found.event[0]?.queue };
  }

  /** The first request that waits in the queue of the event. */
  async findFirst(eventId: string): Promise<QueuedRequest | undefined> {
    const record = await this.requests
      .findOne({ eventId: new Types.ObjectId(eventId), status: 'queued' })
      .sort({ number: 1 })
      .hint(REQUESTS_OF_EVENT)
      .lean<RequestRecord>();
    return record ? toRequest(record) : undefined;
  }

  /** Deletes at most `limit` requests that were carried out, or refused, before this moment. Returns how many. */
  async deleteEnded(before: Date, limit: number): Promise<number> {
    const old = await this.requests
      .find({ status: { $in: ['done', 'refused'] }, endedAt: { $lt: before } }, { _id: 1 })
      .hint(ENDED_REQUESTS)
      .limit(limit)
      .lean<{ _id: Types.ObjectId }[]>();
    if (old.length === 0) return 0;
    const { deletedCount } = await this.requests.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } });
    return deletedCount;
  }

  private async find(
    tx: Tx,
    filter: Filter,
    options: { sort?: object; hint?: object; limit?: number } = {},
  ): Promise<QueuedRequest[]> {
    const query = this.requests.find(filter, null, { ...options, session: tx.session });
    return (await query.lean<RequestRecord[]>()).map(toRequest);
  }
}

function toFilter({ eventId, by, value }: Lookup): Filter {
  const ofEvent = { eventId: new Types.ObjectId(eventId) };
  if (by === 'id') return { _id: new Types.ObjectId(value), ...ofEvent };
  return { ...ofEvent, 'idempotency.key': value };
}
