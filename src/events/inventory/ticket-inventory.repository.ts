import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { isObjectIdOrHexString, type Model, type mongo, Types } from 'mongoose';
import { Clock, type Instant } from '../../common/clock.js';
import { CoalescedReads } from '../../common/concurrency/coalesced-reads.js';
import { deleteAll, insertAll, type Moment, type Tx, type Update, updateAll } from '../../platform/database/index.js';
import type { Event, Section } from '../event.js';
import { EventsMetrics } from '../events.metrics.js';
import { eventNotFound } from '../events.problems.js';
import { capacityLines, type Change, type Changes, type Movement, type MovementLine, sumLines } from './movement.js';
import { toSectionsUpdate } from '../schemas/sections-update.js';
import { toEvent, toFields } from '../schemas/event.mapper.js';
import { EventRecord, QUEUED, WAITING } from '../schemas/event.schema.js';
import { type MovementLineRecord, MovementRecord } from './movement.schema.js';

/** The only code that changes how many tickets an event or a section has available, held or sold. */
@Injectable()
export class TicketInventoryRepository {
  private readonly committed: CoalescedReads<Event>;

  constructor(
    @InjectModel(EventRecord.name) private readonly events: Model<EventRecord>,
    @InjectModel(MovementRecord.name) private readonly movements: Model<MovementRecord>,
    private readonly clock: Clock,
    metrics: EventsMetrics,
  ) {
    this.committed = new CoalescedReads(clock, (eventIds) => {
      metrics.countCommittedRead();
      return this.find(eventIds, {});
    });
  }

  /** The events, by id, as the transaction sees them; those that do not exist are missing. */
  read(tx: Tx, eventIds: readonly string[]): Promise<Map<string, Event>> {
    return this.find(eventIds, { session: tx.session });
  }

  /**
   * The events, by id, and maybe others, as a majority has them at some moment after this call, outside of any
   * transaction. A refusal may be based on it. Concurrent callers share one read.
   */
  readCommitted(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    return this.committed.read(eventIds);
  }

  /** The event as `readCommitted` reads it. Throws `event_not_found`. */
  async getCommitted(eventId: string): Promise<Event> {
    const id = eventId.toLowerCase();
    const event = (await this.readCommitted([id])).get(id);
    if (!event) throw eventNotFound(eventId);
    return event;
  }

  /** As `readCommitted`, and as of `moment` or later, whichever member of the replica set answers. Shares no read. */
  async readCommittedSince(moment: Moment, eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    const session = await this.events.db.startSession({ causalConsistency: true });
    try {
      session.advanceOperationTime(moment);
      return await this.find(eventIds, { session });
    } finally {
      await session.endSession();
    }
  }

  /** Records the first movement of an event that is inserted with its counts in the same transaction. */
  async open(tx: Tx, event: Event): Promise<void> {
    const lines = capacityLines(event, 'opened');
    await this.record(tx, [{ eventId: event.id, revision: event.revision - 1, lines }]);
  }

  /**
   * Moves tickets, and records the movements. Each event's update carries its own guard: it matches only while the
   * event has the revision and the terms of sale that were planned on, and every pool has what is taken from it
   * (invariants 2 and 3).
   * Returns false, and the transaction must not commit, if an event has changed since it was planned on.
   */
  async move(tx: Tx, movements: readonly Movement[]): Promise<boolean> {
    if (movements.length === 0) return true;
    const matched = await updateAll(
      tx,
      this.events,
      movements.map((movement) => this.toUpdate(movement)),
    );
    if (matched < movements.length) return false;
    // After the guard: the movement of a revision that another server has made would be a duplicate key, not Outdated.
    await this.record(
      tx,
      movements.filter((movement) => movement.lines.length > 0),
    );
    const last = movements.filter(({ isLast }) => isLast).map(({ eventId }) => eventId);
    if (last.length > 0) await deleteAll(tx, this.events, last.map(toObjectId));
    return true;
  }

  /** The first events with a hold that may have ended, after `after` and until `until`, in the order of these moments. */
  async findDue(after: Instant, until: Instant, limit: number): Promise<{ eventId: string; at: Instant }[]> {
    const records = await this.events
      .find(
        { nextHoldExpiresAt: { $type: 'date', $gt: new Date(after), $lte: new Date(until) } },
        { nextHoldExpiresAt: 1 },
      )
      .sort({ nextHoldExpiresAt: 1 })
      .limit(limit)
      .lean<{ _id: Types.ObjectId; nextHoldExpiresAt: Date }[]>();
    return records.map(({ _id, nextHoldExpiresAt }) => ({
      eventId: _id.toHexString(),
      at: nextHoldExpiresAt.getTime(),
    }));
  }

  /** How many wait for tickets of all events, as the events say. */
  countWaiting(): Promise<number> {
    return this.sum('waitlist.waiting', WAITING);
  }

  /** How many requests wait in the queues of all events, as the events say. */
  countQueued(): Promise<number> {
    return this.sum('queue.waiting', QUEUED);
  }

  /** The ids of the first events in whose queues requests wait, the shortest or the longest queue first. */
  async findQueued(limit: number, isLongestFirst: boolean): Promise<string[]> {
    const records = await this.events
      .find({ 'queue.waiting': { $gt: 0 } }, { _id: 1 })
      .sort({ 'queue.waiting': isLongestFirst ? -1 : 1 })
      .hint(QUEUED)
      .limit(limit)
      .lean<{ _id: Types.ObjectId }[]>();
    return records.map(({ _id }) => _id.toHexString());
  }

  /** Of a number that is in an index, where it is more than 0. */
  private async sum(field: string, hint: Record<string, 1>): Promise<number> {
    const found = await this.events.collection
      .aggregate<{ sum: number }>(
        [{ $match: { [field]: { $gt: 0 } } }, { $group: { _id: null, sum: { $sum: `$${field}` } } }],
        { hint },
      )
      .toArray();
    return found[0]?.sum ?? 0;
  }

  private toUpdate(movement: Movement): Update {
    const { terms, changes: { sections, ...fields } = {} } = movement;
    const sums = sumLines(movement.lines);
    const { set, unset } = toFields(fields);
    const values = {
      ...set,
      updatedAt: this.clock.now(),
      ...(terms.maxTicketsPerUser !== undefined && { countsUserTickets: true }),
    };
    if (sections) {
      return { filter: guard(movement, sums, sections), update: toSectionsUpdate(sections, sums, values, unset) };
    }
    const bySection = [...sums.sections];
    const counts = bySection.flatMap(([, change], index) => countsOf(change, 'capacity', `sections.$[s${index}].`));
    return {
      filter: guard(movement, sums),
      update: {
        // Zero increments too: MongoDB refuses an array filter that no increment names.
        $inc: { revision: 1, ...Object.fromEntries([...countsOf(sums.event, 'totalTickets'), ...counts]) },
        $set: values,
        ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, 1])) }),
      },
      arrayFilters: bySection.map(([id], index) => ({ [`s${index}._id`]: toObjectId(id) })),
    };
  }

  private async find(eventIds: readonly string[], options: { session?: mongo.ClientSession }) {
    // An imported booking may name its event by an invalid id.
    const ids = eventIds.filter((id) => isObjectIdOrHexString(id)).map((id) => new Types.ObjectId(id));
    const records = await this.events.find({ _id: { $in: ids } }, null, options).lean<EventRecord[]>();
    return new Map(records.map((record) => [record._id.toHexString(), toEvent(record)]));
  }

  private async record(tx: Tx, movements: readonly Pick<Movement, 'eventId' | 'revision' | 'lines'>[]): Promise<void> {
    if (movements.length === 0) return;
    const at = this.clock.now();
    const records = movements.map((movement) => ({
      eventId: new Types.ObjectId(movement.eventId),
      revision: movement.revision + 1,
      lines: movement.lines.map(toLineRecord),
      at,
    }));
    await insertAll(tx, this.movements, records);
  }
}

/** The condition under which the counts may change. It is part of the write itself. A section that is new takes nothing. */
function guard(movement: Movement, sums: Changes, edited?: readonly Section[]): mongo.Filter<mongo.Document> {
  const sections = [...sums.sections]
    .filter(([, change]) => edited === undefined || fallingIn(change).length > 0)
    .map(([id, change]) => ({ sections: { $elemMatch: { _id: toObjectId(id), ...covers(change) } } }));
  return {
    _id: toObjectId(movement.eventId),
    revision: movement.revision,
    status: movement.terms.status,
    // Null also matches a field that is absent.
    maxTicketsPerUser: movement.terms.maxTicketsPerUser ?? null,
    ...covers(sums.event),
    ...(sections.length > 0 && { $and: sections }),
  };
}

/** The condition that no count becomes negative. */
function covers(change: Change): mongo.Document {
  return Object.fromEntries(fallingIn(change).map(([count, by]) => [count, { $gte: -by }]));
}

function fallingIn({ capacity: _, ...counts }: Change): [string, number][] {
  return Object.entries(counts).filter(([, by]) => by < 0);
}

/** The change of each count; of the capacity, which is in the field `capacityName`, only where it changes. */
function countsOf({ capacity, ...counts }: Change, capacityName: string, prefix = ''): [string, number][] {
  const changed = capacity === 0 ? counts : { ...counts, [capacityName]: capacity };
  return Object.entries(changed).map(([count, by]) => [prefix + count, by]);
}

function toLineRecord(line: MovementLine): MovementLineRecord {
  return {
    kind: line.kind,
    ...(line.sectionId !== undefined && { sectionId: new Types.ObjectId(line.sectionId) }),
    ...(line.bookingId !== undefined && { bookingId: new Types.ObjectId(line.bookingId) }),
    quantity: line.quantity,
  };
}

function toObjectId(id: string): Types.ObjectId {
  return new Types.ObjectId(id);
}
