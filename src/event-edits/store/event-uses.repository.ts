import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, Types } from 'mongoose';
import type { DocumentStore, Lookup } from '../../bookings/index.js';
import { assert } from '../../common/assert.js';
import { MOVEMENT_EFFECTS, MOVEMENT_KINDS } from '../../events/index.js';
import { nativeDb, type Tx } from '../../platform/database/index.js';
import { EVENT_USES, type EventUse } from '../decide/tables.js';

/** The collections whose documents name an event that they need. */
const USERS = ['bookings', 'holds', 'waitlistEntries', 'requests'];
/** What happens to a section of which nobody has ever had a ticket. */
const UNUSED = MOVEMENT_KINDS.filter((kind) => MOVEMENT_EFFECTS[kind].capacity !== 0);

/** Finds out whether events, and sections, have ever had a booking, a hold, a waitlist entry or a queued request. */
@Injectable()
export class EventUses implements DocumentStore<EventUse> {
  readonly table = EVENT_USES;

  constructor(@InjectConnection() private readonly connection: Connection) {}

  async read(tx: Tx, lookups: readonly Lookup[]): Promise<EventUse[]> {
    const uses: EventUse[] = [];
    for (const eventId of new Set(lookups.map((lookup) => lookup.eventId))) {
      const own = lookups.filter((lookup) => lookup.eventId === eventId);
      const sectionIds = own.filter(({ by }) => by === 'section').map(({ value }) => value);
      const wantsEvent = own.some(({ by }) => by === 'event');
      if (wantsEvent && (await this.isEventUsed(tx, eventId))) uses.push({ eventId, sectionId: undefined });
      if (sectionIds.length > 0) uses.push(...(await this.findUsedSections(tx, eventId, sectionIds)));
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
    const options = { session: tx.session, projection: { _id: 1 } };
    for (const name of USERS) {
      const collection = nativeDb(this.connection).collection(name);
      if ((await collection.findOne({ eventId: new Types.ObjectId(eventId) }, options)) !== null) return true;
    }
    return false;
  }

  /** By the event's movements, read once for all of the sections: what is booked and cancelled leaves two. */
  private async findUsedSections(tx: Tx, eventId: string, sectionIds: readonly string[]): Promise<EventUse[]> {
    const ids = sectionIds.map((id) => new Types.ObjectId(id));
    const line = { sectionId: { $in: ids }, kind: { $nin: UNUSED }, quantity: { $gt: 0 } };
    const inLines = Object.fromEntries(Object.entries(line).map(([name, condition]) => [`lines.${name}`, condition]));
    const used = await nativeDb(this.connection)
      .collection('movements')
      .aggregate<{ _id: Types.ObjectId }>(
        [
          { $match: { eventId: new Types.ObjectId(eventId), lines: { $elemMatch: line } } },
          { $unwind: '$lines' },
          { $match: inLines },
          { $group: { _id: '$lines.sectionId' } },
        ],
        { session: tx.session },
      )
      .toArray();
    const waited = await nativeDb(this.connection)
      .collection('waitlistEntries')
      .distinct(
        'sectionId',
        { eventId: new Types.ObjectId(eventId), sectionId: { $in: ids } },
        { session: tx.session },
      );
    return [...used.map(({ _id }) => _id), ...(waited as Types.ObjectId[])].map((id) => {
      return { eventId, sectionId: id.toHexString() };
    });
  }
}
