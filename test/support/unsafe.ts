import type { TestingModuleBuilder } from '@nestjs/testing';
import { Types } from 'mongoose';
import type { Booking } from '../../src/bookings/booking.js';
import { Problem } from '../../src/common/problem.js';
import type { BookingChange } from '../../src/bookings/booking-change.js';
import { within } from '../../src/bookings/decide/table.js';
import type { UserTickets } from '../../src/bookings/decide/user-tickets.js';
import { BookingChangesRepository } from '../../src/bookings/store/booking-changes.repository.js';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import type { StoredChange } from '../../src/bookings/store/document-store.js';
import type { Commit } from '../../src/bookings/lane/booking-lane.js';
import type { Command, Outcome } from '../../src/bookings/decide/command.js';
import { LaneFactory, type Lane } from '../../src/bookings/lane-factory.js';
import { toBookingRecord } from '../../src/bookings/store/booking.mapper.js';
import { BookingsRepository } from '../../src/bookings/store/bookings.repository.js';
import type { Attempt, Attempted } from '../../src/common/transaction-attempt.js';
import { EventEditsRepository } from '../../src/event-edits/store/event-edits.repository.js';
import type { EventEdit } from '../../src/events/event-edit.js';
import type { Movement } from '../../src/events/inventory/movement.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import type { Hold } from '../../src/holds/hold.js';
import { HoldsRepository } from '../../src/holds/store/holds.repository.js';
import { toHoldRecord } from '../../src/holds/store/hold.mapper.js';
import { Transactions, type Tx, type Work } from '../../src/platform/database/index.js';
import { Barrier } from './barrier.js';

/**
 * The product with its walls taken down: no transaction, no guard in the writes, no queue. A race test that still
 * passes on it proves nothing.
 */
export function withoutWalls(builder: TestingModuleBuilder): TestingModuleBuilder {
  return builder
    .overrideProvider(Transactions)
    .useClass(NoTransactions)
    .overrideProvider(TicketInventoryRepository)
    .useClass(UnguardedInventory)
    .overrideProvider(BookingsRepository)
    .useClass(UnguardedBookings)
    .overrideProvider(BookingChangesRepository)
    .useClass(UnguardedChanges)
    .overrideProvider(EventEditsRepository)
    .useClass(UnguardedEdits)
    .overrideProvider(UserTicketsRepository)
    .useClass(UnguardedUserTickets)
    .overrideProvider(HoldsRepository)
    .useClass(UnguardedHolds)
    .overrideProvider(LaneFactory)
    .useClass(NoLanes);
}

/** Between what was read and what is written: all who are under way decide on the same counts, on every instance. */
const barrier = new Barrier();

class NoTransactions extends Transactions {
  override async attempt<Result>(attempt: Attempt, work: Work<Result>): Promise<Attempted<Result>> {
    return { kind: 'committed', result: await work({ session: undefined, attempt } as unknown as Tx) };
  }
}

class NoLanes {
  open(commit: Commit<Command, Outcome>): Lane {
    return {
      submit: async (command) => {
        const attempted = await commit([command], { number: 1, mayHaveCommitted: false, deadline: Infinity });
        if (attempted.kind === 'failed') throw attempted.problem;
        const outcome = attempted.result[0]!;
        if (outcome instanceof Problem) throw outcome;
        return outcome;
      },
    };
  }
}

class UnguardedInventory extends TicketInventoryRepository {
  override async move(tx: Tx, movements: readonly Movement[]): Promise<boolean> {
    if (movements.length > 0) await barrier.wait();
    for (const movement of movements) {
      const { filter, update, arrayFilters } = this['toUpdate'](movement);
      const _id = filter['_id'] as Types.ObjectId;
      const moved = await this['events'].collection.findOneAndUpdate({ _id }, update, {
        // MongoDB takes none with a pipeline.
        ...(arrayFilters && { arrayFilters: [...arrayFilters] }),
        bypassDocumentValidation: true,
        returnDocument: 'after',
      });
      // Otherwise every recount would find this product out, whatever the race does.
      const isRecorded = moved && movement.lines.length > 0;
      if (isRecorded) await this['record'](tx, [{ ...movement, revision: moved['revision'] - 1 }]);
      if (movement.isLast) await this['events'].collection.deleteOne({ _id });
    }
    return true;
  }
}

class UnguardedBookings extends BookingsRepository {
  override async update(_tx: Tx, changes: readonly StoredChange<Booking>[]): Promise<void> {
    for (const { after } of changes) {
      const { _id, ...fields } = toBookingRecord(after);
      await this['bookings'].collection.updateOne({ _id }, { $set: fields });
    }
  }
}

/** Of several changes with one number, the first is kept. */
class UnguardedChanges extends BookingChangesRepository {
  override async insert(tx: Tx, changes: readonly BookingChange[]): Promise<void> {
    for (const change of changes) await super.insert(tx, [change]).catch(() => undefined);
  }
}

/** Of several edits with one version, the first is kept. */
class UnguardedEdits extends EventEditsRepository {
  override async insert(tx: Tx, edits: readonly EventEdit[]): Promise<void> {
    for (const edit of edits) await super.insert(tx, [edit]).catch(() => undefined);
  }
}

class UnguardedUserTickets extends UserTicketsRepository {
  override async update(_tx: Tx, changes: readonly StoredChange<UserTickets>[]): Promise<void> {
    for (const { before, after } of changes) {
      const { eventId, userId, tickets } = after;
      const ofUser = { eventId: new Types.ObjectId(eventId), userId };
      const _id = within(eventId, userId) as unknown as Types.ObjectId;
      await this['counts'].collection.updateOne(
        { _id },
        { $setOnInsert: ofUser, $inc: { tickets: tickets - (before.isStored ? before.tickets : 0) } },
        { upsert: true, bypassDocumentValidation: true },
      );
    }
  }
}

class UnguardedHolds extends HoldsRepository {
  override async update(_tx: Tx, changes: readonly StoredChange<Hold>[]): Promise<void> {
    for (const { after } of changes) {
      const { _id, ...fields } = toHoldRecord(after);
      await this['holds'].collection.updateOne({ _id }, { $set: fields });
    }
  }
}
