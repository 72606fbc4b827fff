import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, Types } from 'mongoose';
import { nativeDb } from '../../platform/database/index.js';
import type { QueuedRequest } from '../request.js';
import { toRequest } from './request.mapper.js';
import { ENDED_REQUESTS, type RequestRecord } from './request.schema.js';
import { requestsCollection } from './requests.collections.js';

/** What the index of ended requests has of failed ones. */
const FAILED = { status: 'failed', endedAt: { $exists: true } } as const;

/** Requests that could not be carried out: they are kept until an operator retries or drops them. */
@Injectable()
export class FailedRequests {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** At most `limit` of them, the oldest first. */
  list(limit: number): Promise<QueuedRequest[]> {
    return this.find({}, limit);
  }

  /** At most `limit` of those that somebody wants to be tried again. */
  listToRetry(limit: number): Promise<QueuedRequest[]> {
    return this.find({ isToRetry: true }, limit);
  }

  count(): Promise<number> {
    return this.requests.countDocuments(FAILED, { hint: ENDED_REQUESTS });
  }

  /** Lets a server put the request into its queue again. Returns false where none has failed with this id. */
  async retry(id: string): Promise<boolean> {
    const failed = { _id: new Types.ObjectId(id), status: 'failed' as const };
    return (await this.requests.updateOne(failed, { $set: { isToRetry: true } })).matchedCount === 1;
  }

  /** Deletes the request. Returns false where none has failed with this id. */
  async drop(id: string): Promise<boolean> {
    return (await this.requests.deleteOne({ _id: new Types.ObjectId(id), status: 'failed' })).deletedCount === 1;
  }

  private async find(filter: { isToRetry?: true }, limit: number): Promise<QueuedRequest[]> {
    const found = this.requests.find({ ...FAILED, ...filter }, { sort: { endedAt: 1 }, hint: ENDED_REQUESTS, limit });
    return (await found.toArray()).map(toRequest);
  }

  private get requests() {
    return nativeDb(this.connection).collection<RequestRecord>(requestsCollection.name);
  }
}
