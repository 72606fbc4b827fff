import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, mongo } from 'mongoose';
import { type CollectionSpec, nativeDb } from '../database/index.js';

interface SecretRecord {
  readonly _id: string;
  readonly value: string;
}

const ID = 'servers';
const DUPLICATE_KEY = 11_000;

export const secretsCollection: CollectionSpec = { name: 'secrets', indexes: [] };

/** What the servers on this database sign their messages with. */
@Injectable()
export class ServersSecretRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** Returns it; the first server that asks makes it. */
  async read(): Promise<string> {
    const secrets = nativeDb(this.connection).collection<SecretRecord>(secretsCollection.name);
    const value = randomBytes(32).toString('base64');
    try {
      await secrets.insertOne({ _id: ID, value });
      return value;
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY)) throw error;
    }
    const known = await secrets.findOne({ _id: ID });
    return known?.value ?? value;
  }
}
