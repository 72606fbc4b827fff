import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { assert } from '../../common/assert.js';
import { type CollectionSpec, nativeDb } from '../database/index.js';

interface SecretRecord {
  readonly _id: string;
  readonly value: string;
}

const ID = 'servers';

export const secretsCollection: CollectionSpec = { name: 'secrets', indexes: [] };

/** What the servers on this database sign their messages with. */
@Injectable()
export class ServersSecretRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** Returns it; the first server that asks makes it. */
  async read(): Promise<string> {
    const secrets = nativeDb(this.connection).collection<SecretRecord>(secretsCollection.name);
    const made = { value: randomBytes(32).toString('base64') };
    // Reads what is written, where a majority may not have it yet; MongoDB itself repeats an upsert that another one has overtaken.
    const update = { $setOnInsert: made };
    const record = await secrets.findOneAndUpdate({ _id: ID }, update, { upsert: true, returnDocument: 'after' });
    assert(record, 'an upsert returns a document');
    return record.value;
  }
}
