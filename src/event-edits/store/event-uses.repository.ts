import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, Types } from 'mongoose';
import type { DocumentStore, Lookup } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import { nativeDb, type Tx } from '../../platform/database/index.js';
import { EVENT_USES, type EventUse } from '../decide/tables.js';

/** The collections whose documents name an event that they need. */
const USERS = ['bookings', 'holds'];
/** What happens to a section of which nobody has ever had a ticket. */
const UNUSED = ['opened', 'added', 'removed'];

/** Finds out whether events, and sections, have ever had a booking or a hold. */
@Injectable()
export class EventUses implements DocumentStore<EventUse> {
  readonly table = EVENT_USES;

  constructor(@InjectConnection() private readonly connection: Connection) {}

  async read(tx: Tx, lookups: readonly Lookup[]): Promise<EventUse[]> {
    const uses: EventUse[] = [];
    for (const { eventId, by, value } of lookups) {
      const isUsed =
        by === 'event' ? await this.isEventUsed(tx, eventId) : await this.isSectionUsed(tx, eventId, value);
      if (isUsed) uses.push({ eventId, sectionId: by === 'event' ? undefined : value });
    }
    return uses;
  }

  insert(_tx: Tx, uses: readonly EventUse[]): Promise<void> {
    assert(uses.length === 0, 'uses are only read');
    return Promise.resolve();
  }

  update(tx: Tx, changes: readonly unknown[]): Promise<void> {
    return this.insert(tx, changes as []);
  }

  private async isEventUsed(tx: Tx, eventId: string): Promise<boolean> {
    for (const name of USERS) {
      if (await this.exists(tx, name, { eventId: new Types.ObjectId(eventId) })) return true;
    }
    return false;
  }

  /** By its movements: what is booked and cancelled leaves two. */
  private isSectionUsed(tx: Tx, eventId: string, sectionId: string): Promise<boolean> {
    const line = { sectionId: new Types.ObjectId(sectionId), kind: { $nin: UNUSED } };
    return this.exists(tx, 'movements', { eventId: new Types.ObjectId(eventId), lines: { $elemMatch: line } });
  }

  private async exists(tx: Tx, name: string, filter: object): Promise<boolean> {
    const options = { session: tx.session, projection: { _id: 1 } };
    return (await nativeDb(this.connection).collection(name).findOne(filter, options)) !== null;
  }
}
