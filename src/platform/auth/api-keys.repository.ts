import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, type mongo, Types } from 'mongoose';
import { type Db, ensureCollection, type Migration, nativeDb } from '../database/index.js';
import type { ApiKey, Scope } from './api-key.js';

interface ApiKeyRecord {
  readonly _id: Types.ObjectId;
  readonly name: string;
  readonly scopes: Scope[];
  readonly hash: string;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
  readonly revokedAt?: Date;
}

const COLLECTION = 'apiKeys';

export const apiKeysMigrations: readonly Migration[] = [
  {
    id: '0006-api-keys',
    up: (db) =>
      ensureCollection(db, COLLECTION, {
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
      }),
  },
];

/** A key is never deleted: a revoked one says that the API is not open, and which bookings were made with it. */
@Injectable()
export class ApiKeysRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** Every key there is or was, in the order in which they were made, as a majority has them. */
  async list(): Promise<ApiKey[]> {
    const records = await this.keys().find().sort({ _id: 1 }).toArray();
    return records.map(toApiKey).sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  }

  async insert({ id, name, scopes, hash, createdAt }: ApiKey): Promise<void> {
    await this.keys().insertOne({ _id: new Types.ObjectId(id), name, scopes: [...scopes], hash, createdAt });
  }

  /** False where there is no such key. A key that was revoked before stays revoked since then. */
  async revoke(id: string, at: Date): Promise<boolean> {
    const { matchedCount } = await this.keys().updateOne({ _id: new Types.ObjectId(id) }, [
      { $set: { revokedAt: { $ifNull: ['$revokedAt', at] } } },
    ]);
    return matchedCount === 1;
  }

  async recordUse(id: string, at: Date): Promise<void> {
    const _id = new Types.ObjectId(id);
    await this.keys().updateOne({ _id }, { $max: { lastUsedAt: at } });
  }

  private keys(): mongo.Collection<ApiKeyRecord> {
    const db: Db = nativeDb(this.connection);
    return db.collection<ApiKeyRecord>(COLLECTION);
  }
}

function toApiKey({ _id, lastUsedAt, revokedAt, ...rest }: ApiKeyRecord): ApiKey {
  return { id: _id.toHexString(), ...rest, lastUsedAt, revokedAt };
}
