import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import type { DocumentStore, Lookup, StoredChange } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import type { Instant } from '../../common/clock.js';
import { isDuplicateIn, type Tx, updateAll } from '../../platform/database/index.js';
import { ERASURES } from '../decide/erasures.js';
import { type Erasure, newPseudonym } from '../erasure.js';
import { ErasureRecord, erasuresCollection } from './erasure.schema.js';

/** Keeps the pseudonym of a user until everything has it. */
@Injectable()
export class ErasuresRepository implements DocumentStore<Erasure> {
  readonly table = ERASURES;

  constructor(@InjectModel(ErasureRecord.name) private readonly erasures: Model<ErasureRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** Returns the pseudonym of the user's erasure that has not ended; where there is none, begins one. */
  async begin(userId: string, by: string | undefined, at: Instant): Promise<string> {
    const pseudonym = newPseudonym();
    const begun = { _id: pseudonym, startedAt: new Date(at), ...(by !== undefined && { by }) };
    try {
      const found = await this.erasures.findOneAndUpdate(
        { userId },
        { $setOnInsert: begun },
        { upsert: true, returnDocument: 'after', lean: true },
      );
      assert(found, 'an erasure that was not found has begun');
      return found._id;
    } catch (error) {
      // Another server has begun it at the same moment.
      if (!isDuplicateIn(erasuresCollection, error)) throw error;
      return this.begin(userId, by, at);
    }
  }

  /** Ends the user's erasure, if there is one: nothing says any more whose pseudonym it was. */
  async end(userId: string, at: Instant): Promise<void> {
    const ended = { $set: { endedAt: new Date(at) }, $unset: { userId: 1, last: 1 } } as const;
    await this.erasures.updateOne({ userId }, ended);
  }

  /** The erasures that have one of the pseudonyms. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<Erasure[]> {
    const filter = { _id: { $in: lookups.map(({ value }) => value) } };
    const records = await this.erasures.find(filter, null, { session: tx.session }).lean<ErasureRecord[]>();
    return records.map(toErasure);
  }

  /** Erasures begin outside of the engine. */
  insert(_tx: Tx, erasures: readonly Erasure[]): Promise<void> {
    assert(erasures.length === 0, 'an erasure has begun before a command is part of it');
    return Promise.resolve();
  }

  async update(tx: Tx, changes: readonly StoredChange<Erasure>[]): Promise<void> {
    if (changes.length === 0) return;
    const updates = changes.map(({ before, after }) => ({
      filter: { _id: before.pseudonym, userId: before.userId },
      update: { $set: { last: after.last } },
    }));
    const matched = await updateAll(tx, this.erasures, updates);
    assert(matched === changes.length, 'the erasures are as this transaction has read them');
  }
}

function toErasure({ _id: pseudonym, userId, startedAt, by, last }: ErasureRecord): Erasure {
  return { pseudonym, userId, startedAt: startedAt.getTime(), by, last };
}
