import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, mongo, Types } from 'mongoose';
import { nativeDb } from './native-db.js';
import type { CollectionSpec } from './schema/collection-spec.js';

interface LeaseRecord {
  readonly _id: string;
  readonly holder: Types.ObjectId;
  readonly until: Date;
}

const DUPLICATE_KEY = 11_000;

export const leasesCollection: CollectionSpec = { name: 'leases', indexes: [] };

/** Lets one server at a time do what all of them could. It saves work; nothing may depend on it. */
@Injectable()
export class Lease {
  private readonly holder = new Types.ObjectId();

  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** Takes or keeps the lease for so long, by the database's clock. Returns false while another server has it. */
  async take(name: string, milliseconds: number): Promise<boolean> {
    const leases = nativeDb(this.connection).collection<LeaseRecord>(leasesCollection.name);
    const isFree = { $or: [{ holder: this.holder }, { $expr: { $lt: ['$until', '$$NOW'] } }] };
    const taken = [{ $set: { holder: this.holder, until: { $add: ['$$NOW', milliseconds] } } }];
    const take = async () => (await leases.updateOne({ _id: name, ...isFree }, taken)).matchedCount === 1;
    if (await take()) return true;
    try {
      // An upsert can't compare with the database's clock.
      await leases.insertOne({ _id: name, holder: this.holder, until: new Date(0) });
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
    return take();
  }
}
