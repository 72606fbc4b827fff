import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import { assert } from '../../common/assert.js';
import type { UserTicketsSource } from '../../events/index.js';
import type { Lookup } from '../decide/lookup.js';
import { deleteAll, nativeDb, type Tx, updateAll } from '../../platform/database/index.js';
import { within } from '../decide/table.js';
import { USER_TICKETS, type UserTickets } from '../decide/user-tickets.js';
import { userTicketsCollection } from './bookings.collections.js';
import { insertNew } from './insert-new.js';
import type { DocumentStore, StoredChange } from './document-store.js';
import { UserTicketsRecord } from './user-tickets.schema.js';

interface Sum {
  readonly _id: { readonly eventId: Types.ObjectId; readonly userId: string };
  readonly tickets: number;
}

/** What counts as a user's: every collection that has tickets of users. */
export const USER_TICKETS_SOURCES = Symbol('USER_TICKETS_SOURCES');

/**
 * Keeps how many tickets users have. A count that is missing, because the event had no limit before or was taken over, is
 * made from the user's bookings and holds, once.
 */
@Injectable()
export class UserTicketsRepository implements DocumentStore<UserTickets> {
  readonly table = USER_TICKETS;

  constructor(
    @InjectModel(UserTicketsRecord.name) private readonly counts: Model<UserTicketsRecord>,
    @Inject(USER_TICKETS_SOURCES) private readonly sources: readonly UserTicketsSource[],
  ) {}

  /** A count for each lookup, stored or made just now. */
  async read(tx: Tx, lookups: readonly Lookup[]): Promise<UserTickets[]> {
    const wanted = new Map(lookups.map((lookup) => [idOf(lookup.eventId, lookup.value), lookup]));
    const records = await this.counts
      .find({ _id: { $in: [...wanted.keys()] } }, null, { session: tx.session })
      .lean<UserTicketsRecord[]>();
    for (const { _id } of records) wanted.delete(_id);
    const made = await this.count(tx, [...wanted.values()]);
    return [...records.map(toUserTickets), ...made];
  }

  /** Counts are always read before they change, so that there is nothing to insert. */
  insert(_tx: Tx, docs: readonly UserTickets[]): Promise<void> {
    assert(docs.length === 0, 'every count was read before it changed');
    return Promise.resolve();
  }

  async update(tx: Tx, changes: readonly StoredChange<UserTickets>[]): Promise<void> {
    const made = changes.filter(({ before, after }) => !before.isStored && after.isStored);
    const kept = changes.filter(({ before, after }) => before.isStored && after.isStored);
    const gone = changes.filter(({ before, after }) => before.isStored && !after.isStored);
    if (made.length > 0) await this.store(tx, made);
    if (gone.length > 0)
      await deleteAll(
        tx,
        this.counts,
        gone.map(({ before }) => idOf(before.eventId, before.userId)),
      );
    if (kept.length === 0) return;
    const updates = kept.map(({ before, after }) => ({
      filter: { _id: idOf(before.eventId, before.userId), tickets: before.tickets },
      update: { $set: { tickets: after.tickets } },
    }));
    const matched = await updateAll(tx, this.counts, updates);
    assert(matched === kept.length, 'the counts are as this transaction has read them');
  }

  private async store(tx: Tx, changes: readonly StoredChange<UserTickets>[]): Promise<void> {
    const records = changes.map(({ after: { eventId, userId, tickets } }) => ({
      _id: idOf(eventId, userId),
      eventId: new Types.ObjectId(eventId),
      userId,
      tickets,
    }));
    await insertNew(tx, userTicketsCollection, this.counts, records);
  }

  private async count(tx: Tx, lookups: readonly Lookup[]): Promise<UserTickets[]> {
    if (lookups.length === 0) return [];
    const userIds = [...new Set(lookups.map(({ value }) => value))];
    const eventIds = [...new Set(lookups.map(({ eventId }) => eventId))].map((id) => new Types.ObjectId(id));
    // One range of the index for each user. What they have of other events of the batch is read, and not used.
    const sum = (status: string) => [
      { $match: { status, userId: { $in: userIds }, eventId: { $in: eventIds } } },
      { $group: { _id: { eventId: '$eventId', userId: '$userId' }, tickets: { $sum: '$quantity' } } },
    ];
    const sums: Sum[] = [];
    for (const { collection, status, index } of this.sources) {
      const documents = nativeDb(this.counts.db).collection(collection);
      sums.push(...(await documents.aggregate<Sum>(sum(status), { session: tx.session, hint: index }).toArray()));
    }
    const counted = new Map<string, number>();
    for (const { _id, tickets } of sums) {
      const id = idOf(_id.eventId.toHexString(), _id.userId);
      counted.set(id, (counted.get(id) ?? 0) + tickets);
    }
    return lookups.map(({ eventId, value: userId }) => {
      return { eventId, userId, tickets: counted.get(idOf(eventId, userId)) ?? 0, isStored: false };
    });
  }
}

const idOf = within;

function toUserTickets({ eventId, userId, tickets }: UserTicketsRecord): UserTickets {
  return { eventId: eventId.toHexString(), userId, tickets, isStored: true };
}
