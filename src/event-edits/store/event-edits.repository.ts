import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import { type DocumentStore, insertNew, type Lookup } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import { type EventEdit, EventEditRecord, eventEditsCollection, toEdit, toEditRecord } from '../../events/index.js';
import type { Tx } from '../../platform/database/index.js';
import { EVENT_EDITS } from '../decide/tables.js';

/** Keeps what was edited. */
@Injectable()
export class EventEditsRepository implements DocumentStore<EventEdit> {
  readonly table = EVENT_EDITS;

  constructor(@InjectModel(EventEditRecord.name) private readonly edits: Model<EventEditRecord>) {}

  nextId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** The edits that have one of the ids. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<EventEdit[]> {
    const ids = lookups.map(({ value }) => new Types.ObjectId(value));
    const records = await this.edits
      .find({ _id: { $in: ids } }, null, { session: tx.session })
      .lean<EventEditRecord[]>();
    return records.map(toEdit);
  }

  /** Throws Outdated where one of them was made before, by its id or its version. */
  async insert(tx: Tx, edits: readonly EventEdit[]): Promise<void> {
    if (edits.length > 0) await insertNew(tx, eventEditsCollection, this.edits, edits.map(toEditRecord));
  }

  /** What was edited is never changed. */
  update(_tx: Tx, changes: readonly unknown[]): Promise<void> {
    assert(changes.length === 0, 'an edit is written once');
    return Promise.resolve();
  }
}
