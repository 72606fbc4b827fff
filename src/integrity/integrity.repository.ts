import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, type mongo, Types } from 'mongoose';
import { MOVEMENT_EFFECTS, type MovementKind, type MovementLine, sumLines } from '../events/index.js';
import { nativeDb, PATIENT } from '../platform/database/index.js';
import type { BookedPool, Books, Difference, StoredPool } from './recount.js';

/** One moment of the database: everything read in it is read as of then. */
export interface Snapshot {
  readonly session: mongo.ClientSession;
}

interface PoolSum extends Omit<BookedPool, 'sectionId'> {
  readonly _id: Types.ObjectId | null;
}

interface LineSum {
  readonly _id: { readonly kind: MovementKind; readonly sectionId?: Types.ObjectId };
  readonly quantity: number;
}

interface QuantitySum {
  readonly _id: Types.ObjectId;
  readonly quantity: number;
  readonly sum: number;
}

interface BookingSum {
  readonly _id: { readonly bookingId: Types.ObjectId; readonly sectionId?: Types.ObjectId };
  readonly booked: number;
  readonly moved: number;
}

/** How many documents belong to no event that can be recounted. */
export type Orphans = Record<'events' | 'bookings' | 'movements', number>;

const ODD_BOOKINGS_MAX = 100;
const RECOUNT_TIMEOUT_MS = 5 * 60_000;

/** Reads books. It writes nothing. */
@Injectable()
export class IntegrityRepository {
  constructor(@InjectConnection(PATIENT) private readonly connection: Connection) {}

  /** Runs `read` in one snapshot. A snapshot is no transaction: it holds no locks and has no time limit of seconds. */
  async inSnapshot<Result>(read: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
    const session = this.connection.getClient().startSession({ snapshot: true });
    try {
      return await read({ session });
    } finally {
      await session.endSession();
    }
  }

  /** The ids of at most `limit` events that were made before the one with this id, newest first. */
  async eventIdsBefore(beforeId: string | undefined, limit: number): Promise<string[]> {
    const before = beforeId !== undefined && { $lt: new Types.ObjectId(beforeId) };
    const options = { projection: { _id: 1 }, sort: { _id: -1 }, limit } as const;
    const events = await this.collection('events')
      .find({ _id: { $type: 'objectId', ...before } }, options)
      .toArray();
    return events.map(({ _id }) => String(_id));
  }

  /** Undefined where there is no such event. */
  async readBooks({ session }: Snapshot, eventId: string): Promise<Books | undefined> {
    const id = new Types.ObjectId(eventId);
    const event = await this.collection('events').findOne({ _id: id }, { session });
    if (!event) return undefined;
    const lines = await this.sumMovements(session, id);
    const imported = lines.filter((line) => line.kind === 'imported');
    return {
      eventId,
      revision: Number(event['revision']),
      whole: toPool(event, undefined, event['totalTickets']),
      sections: ((event['sections'] ?? []) as mongo.Document[]).map((section) =>
        toPool(section, String(section['_id']), section['capacity']),
      ),
      booked: await this.sumBookings(session, id),
      moved: sumLines(lines),
      importedBySection: new Map(imported.map((line) => [line.sectionId, line.quantity])),
      lastMovementRevision: await this.lastMovementRevision(session, id),
      oddBookings: [...(await this.findWrongSums(session, id)), ...(await this.findOddBookings(session, id))],
    };
  }

  /**
   * How many documents no recount of an event comes by: bookings and movements that name an event which does not exist, and
   * events whose id none can have. Needs no snapshot: an event is written before what names it, and never deleted.
   */
  async countOrphans(): Promise<Orphans> {
    const db = nativeDb(this.connection);
    const count = async (name: string) => {
      const named = [
        { $group: { _id: '$eventId' } },
        { $lookup: { from: 'events', localField: '_id', foreignField: '_id', as: 'event' } },
        { $match: { event: [] } },
        {
          $lookup: {
            from: name,
            localField: '_id',
            foreignField: 'eventId',
            pipeline: [{ $count: 'count' }],
            as: 'own',
          },
        },
        { $group: { _id: null, documents: { $sum: { $first: '$own.count' } } } },
      ];
      const [result] = await db
        .collection(name)
        .aggregate<{ documents: number }>(named, { allowDiskUse: true })
        .toArray();
      return result?.documents ?? 0;
    };
    return {
      events: await db.collection('events').countDocuments({ _id: { $not: { $type: 'objectId' } } }),
      bookings: await count('bookings'),
      movements: await count('movements'),
    };
  }

  private async sumBookings(session: mongo.ClientSession, eventId: Types.ObjectId): Promise<BookedPool[]> {
    const when = (condition: object) => ({ $sum: { $cond: [condition, '$items.quantity', 0] } });
    const pools = await this.aggregate<PoolSum>(session, 'bookings', [
      { $match: { eventId } },
      { $unwind: '$items' },
      {
        $group: {
          _id: '$items.sectionId',
          confirmed: when({ $eq: ['$status', 'confirmed'] }),
          imported: when({ $eq: ['$imported', true] }),
        },
      },
    ]);
    return pools.map(({ _id, ...sums }) => ({ sectionId: _id?.toHexString(), ...sums }));
  }

  private async sumMovements(session: mongo.ClientSession, eventId: Types.ObjectId): Promise<MovementLine[]> {
    const sums = await this.aggregate<LineSum>(session, 'movements', [
      { $match: { eventId } },
      { $unwind: '$lines' },
      {
        $group: { _id: { kind: '$lines.kind', sectionId: '$lines.sectionId' }, quantity: { $sum: '$lines.quantity' } },
      },
    ]);
    return sums.map(({ _id, quantity }) => ({
      kind: _id.kind,
      sectionId: _id.sectionId?.toHexString(),
      bookingId: undefined,
      quantity,
    }));
  }

  private async lastMovementRevision(session: mongo.ClientSession, eventId: Types.ObjectId): Promise<number> {
    const last = await this.collection('movements').findOne({ eventId }, { session, sort: { revision: -1 } });
    return Number(last?.['revision'] ?? 0);
  }

  /** A booking's quantity is the sum of its items'. */
  private async findWrongSums(session: mongo.ClientSession, eventId: Types.ObjectId): Promise<Difference[]> {
    const wrong = await this.aggregate<QuantitySum>(session, 'bookings', [
      { $match: { eventId, $expr: { $ne: ['$quantity', { $sum: '$items.quantity' }] } } },
      { $limit: ODD_BOOKINGS_MAX },
      { $project: { quantity: 1, sum: { $sum: '$items.quantity' } } },
    ]);
    return wrong.map(({ _id, sum: expected, quantity: found }) => ({
      check: 'quantity of the booking by its items',
      bookingId: String(_id),
      expected,
      found,
    }));
  }

  /** A booking's movements have to add up to its items, section by section; an imported one's only to its return. */
  private async findOddBookings(session: mongo.ClientSession, eventId: Types.ObjectId): Promise<Difference[]> {
    const isConfirmed = { $eq: ['$status', 'confirmed'] };
    const minus = { $multiply: ['$items.quantity', -1] };
    const booked = {
      $cond: [
        { $eq: ['$imported', true] },
        { $cond: [isConfirmed, 0, minus] },
        { $cond: [isConfirmed, '$items.quantity', 0] },
      ],
    };
    const movements = [
      { $match: { eventId } },
      { $unwind: '$lines' },
      { $match: { 'lines.bookingId': { $exists: true } } },
      { $project: { bookingId: '$lines.bookingId', sectionId: '$lines.sectionId', moved: soldEffect } },
    ];
    const odd = await this.aggregate<BookingSum>(session, 'bookings', [
      { $match: { eventId } },
      { $unwind: '$items' },
      { $project: { bookingId: '$_id', sectionId: '$items.sectionId', booked } },
      { $unionWith: { coll: 'movements', pipeline: movements } },
      {
        $group: {
          _id: { bookingId: '$bookingId', sectionId: '$sectionId' },
          booked: { $sum: '$booked' },
          moved: { $sum: '$moved' },
        },
      },
      { $match: { $expr: { $ne: ['$booked', '$moved'] } } },
      { $limit: ODD_BOOKINGS_MAX },
    ]);
    return odd.map(({ _id, booked: expected, moved: found }) => ({
      check: 'movements of the booking',
      ...(_id.sectionId && { sectionId: _id.sectionId.toHexString() }),
      bookingId: _id.bookingId.toHexString(),
      expected,
      found,
    }));
  }

  private aggregate<Row extends object>(
    session: mongo.ClientSession,
    name: string,
    pipeline: object[],
  ): Promise<Row[]> {
    const options = { session, allowDiskUse: true, maxTimeMS: RECOUNT_TIMEOUT_MS };
    return this.collection(name).aggregate<Row>(pipeline, options).toArray();
  }

  /** The connection reads at `majority`, and the driver would keep that in a snapshot's session: each read at its own time. */
  private collection(name: string): mongo.Collection {
    return nativeDb(this.connection).collection(name, { readConcern: { level: 'snapshot' } });
  }
}

/** How many tickets a movement's line sells; negative where it returns them. */
const soldEffect = {
  $multiply: [
    '$lines.quantity',
    {
      $switch: {
        branches: Object.entries(MOVEMENT_EFFECTS).map(([kind, effect]) => ({
          case: { $eq: ['$lines.kind', kind] },
          then: effect.soldTickets,
        })),
        default: 0,
      },
    },
  ],
};

function toPool(document: mongo.Document, sectionId: string | undefined, capacity: unknown): StoredPool {
  return {
    sectionId,
    capacity: Number(capacity),
    availableTickets: Number(document['availableTickets']),
    heldTickets: Number(document['heldTickets']),
    soldTickets: Number(document['soldTickets']),
  };
}
