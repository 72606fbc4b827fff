import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, Types } from 'mongoose';
import { readInventory, type RecountSource } from '../events/index.js';
import { nativeDb, PATIENT, Snapshot } from '../platform/database/index.js';
import type { Books } from './recount.js';

export const RECOUNT_SOURCES = Symbol('RECOUNT_SOURCES');

/** How many documents belong to no event that can be recounted, by collection. */
export type Orphans = Readonly<Record<string, number>>;

/** Leaves out events that were deleted: their edits say so. */
const WITHOUT_DELETED = [
  { $lookup: { from: 'eventEdits', localField: '_id', foreignField: 'eventId', as: 'edits' } },
  { $match: { 'edits.kind': { $ne: 'deleted' } } },
];

/** Reads the books of events, from the inventory and from what each feature provides. It writes nothing. */
@Injectable()
export class IntegrityRepository {
  constructor(
    @InjectConnection(PATIENT) private readonly connection: Connection,
    @Inject(RECOUNT_SOURCES) private readonly sources: readonly RecountSource[],
  ) {}

  /** Returns about how many events there are, from the metadata of their collection. */
  estimateEvents(): Promise<number> {
    return nativeDb(this.connection).collection('events').estimatedDocumentCount();
  }

  /** The ids of at most `limit` events that were made before the one with this id, newest first. */
  async eventIdsBefore(beforeId: string | undefined, limit: number): Promise<string[]> {
    const before = beforeId !== undefined && { $lt: new Types.ObjectId(beforeId) };
    const options = { projection: { _id: 1 }, sort: { _id: -1 }, limit } as const;
    const events = await nativeDb(this.connection)
      .collection('events')
      .find({ _id: { $type: 'objectId', ...before } }, options)
      .toArray();
    return events.map(({ _id }) => String(_id));
  }

  /** Returns the books of an event as of one moment; undefined if there is no such event. */
  readBooks(eventId: string): Promise<Books | undefined> {
    return Snapshot.run(this.connection, async (snapshot) => {
      const inventory = await readInventory(snapshot, eventId);
      if (!inventory) return undefined;
      const booked = [];
      const differences = [];
      for (const source of this.sources) {
        booked.push(...((await source.countPools?.(snapshot, eventId)) ?? []));
        differences.push(...((await source.findDifferences?.(snapshot, eventId)) ?? []));
      }
      return { eventId, ...inventory, booked, oddBookings: differences };
    });
  }

  /**
   * Counts the documents that no recount of an event reads: those that name an event which does not exist, and events with
   * an invalid id. Needs no snapshot: an event is written before what names it, and deleted only while nothing does but its
   * movements, which add up to nothing.
   */
  async countOrphans(): Promise<Orphans> {
    const events = nativeDb(this.connection).collection('events');
    const orphans: Record<string, number> = {
      events: await events.countDocuments({ _id: { $not: { $type: 'objectId' } } }),
    };
    for (const name of ['movements', ...this.sources.flatMap(({ collections }) => collections)]) {
      orphans[name] = await this.countOrphansIn(name);
    }
    return orphans;
  }

  private async countOrphansIn(name: string): Promise<number> {
    const own = { from: name, localField: '_id', foreignField: 'eventId', pipeline: [{ $count: 'count' }], as: 'own' };
    const named = [
      { $group: { _id: '$eventId' } },
      { $lookup: { from: 'events', localField: '_id', foreignField: '_id', as: 'event' } },
      { $match: { event: [] } },
      ...(name === 'movements' ? WITHOUT_DELETED : []),
      { $lookup: own },
      { $group: { _id: null, documents: { $sum: { $first: '$own.count' } } } },
    ];
    const [result] = await nativeDb(this.connection)
      .collection(name)
      .aggregate<{ documents: number }>(named, { allowDiskUse: true })
      .toArray();
    return result?.documents ?? 0;
  }
}
