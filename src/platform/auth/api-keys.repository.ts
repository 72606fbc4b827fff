import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, mongo, Types } from 'mongoose';
import { type CollectionSpec, type Db, nativeDb } from '../database/index.js';
import type { ApiKey, Scope } from './api-key.js';

interface ApiKeyRecord {
  readonly _id: Types.ObjectId;
  readonly name: string;
  readonly scopes: Scope[];
  readonly hash: string;
  readonly createdAt: Date;
  /** By the logical clock of the replica set, which no machine's clock puts back; keys from before there was this have none. */
  readonly order?: mongo.Timestamp;
  readonly lastUsedAt?: Date;
  readonly revokedAt?: Date;
}

/** MongoDB puts a timestamp of its own, which no other document has, in the place of an empty one. */
const NEXT = new mongo.Timestamp({ t: 0, i: 0 });

export const apiKeysCollection: CollectionSpec = {
  name: 'apiKeys',
  validator: {
    version: 1,
    rules: {
      $jsonSchema: {
        bsonType: 'object',
        required: ['name', 'scopes', 'hash', 'createdAt'],
        properties: {
          name: { bsonType: 'string', minLength: 1 },
          scopes: { bsonType: 'array', minItems: 1, items: { enum: ['sell', 'operate'] } },
          hash: { bsonType: 'string', minLength: 43, maxLength: 43 },
          createdAt: { bsonType: 'date' },
        },
      },
    },
    unmarked: ['63b49a9d0d656aee'],
  },
  indexes: [],
};

/** A key is never deleted: a revoked one says that the API is not open, and which bookings were made with it. */
@Injectable()
export class ApiKeysRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** Every key there is or was, in the order in which they were made, as a majority has them. */
  async list(): Promise<ApiKey[]> {
    const records = await this.keys().find().sort({ order: 1, createdAt: 1, _id: 1 }).toArray();
    return records.map(toApiKey);
  }

  async insert({ id, name, scopes, hash, createdAt }: ApiKey): Promise<void> {
    const _id = new Types.ObjectId(id);
    await this.keys().insertOne({ _id, name, scopes: [...scopes], hash, createdAt, order: NEXT });
  }

  /** False where there is no such key. A key that was revoked before stays revoked since then. */
  async revoke(id: string): Promise<boolean> {
    const { matchedCount } = await this.keys().updateOne({ _id: new Types.ObjectId(id) }, [
      { $set: { revokedAt: { $ifNull: ['$revokedAt', '$$NOW'] } } },
    ]);
    return matchedCount === 1;
  }

  async recordUse(id: string): Promise<void> {
    await this.keys().updateOne({ _id: new Types.ObjectId(id) }, { $currentDate: { lastUsedAt: true } });
  }

  private keys(): mongo.Collection<ApiKeyRecord> {
    const db: Db = nativeDb(this.connection);
    return db.collection<ApiKeyRecord>(apiKeysCollection.name);
  }
}

function toApiKey({ _id, order: _, lastUsedAt, revokedAt, ...rest }: ApiKeyRecord): ApiKey {
  return { id: _id.toHexString(), ...rest, lastUsedAt, revokedAt };
}
