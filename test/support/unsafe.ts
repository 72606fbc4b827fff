import type { TestingModuleBuilder } from '@nestjs/testing';
import { Types } from 'mongoose';
import type { Booking } from '../../src/bookings/booking.js';
import type { StoredChange } from '../../src/bookings/store/document-store.js';
import type { Commit } from '../../src/bookings/lane/booking-lane.js';
import type { Command, Outcome } from '../../src/bookings/decide/command.js';
import { LaneFactory, type Lane } from '../../src/bookings/lane-factory.js';
import { BookingsRepository } from '../../src/bookings/store/bookings.repository.js';
import type { Attempt, Attempted } from '../../src/common/transaction-attempt.js';
import { type Movement, sumLines } from '../../src/events/inventory/movement.js';
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
        return attempted.result[0]!;
      },
    };
  }
}

class UnguardedInventory extends TicketInventoryRepository {
  override async move(_tx: Tx, movements: readonly Movement[]): Promise<boolean> {
    if (movements.length > 0) await barrier.wait();
    for (const { eventId, lines, changes } of movements) {
      const { event, sections } = sumLines(lines);
      const ids = [...sections.keys()];
      const $inc: Record<string, number> = {
        availableTickets: event.availableTickets,
        heldTickets: event.heldTickets,
        soldTickets: event.soldTickets,
        revision: 1,
      };
      ids.forEach((id, index) => {
        $inc[`sections.$[s${index}].availableTickets`] = sections.get(id)!.availableTickets;
        $inc[`sections.$[s${index}].heldTickets`] = sections.get(id)!.heldTickets;
        $inc[`sections.$[s${index}].soldTickets`] = sections.get(id)!.soldTickets;
      });
      await this['events'].collection.updateOne(
        { _id: new Types.ObjectId(eventId) },
        { $inc, ...(changes && { $set: { nextHoldExpiresAt: toDate(changes.nextHoldExpiresAt) } }) },
        {
          arrayFilters: ids.map((id, index) => ({ [`s${index}._id`]: new Types.ObjectId(id) })),
          bypassDocumentValidation: true,
        },
      );
    }
    return true;
  }
}

function toDate(instant: number | undefined): Date | null {
  return instant === undefined ? null : new Date(instant);
}

class UnguardedBookings extends BookingsRepository {
  override async update(_tx: Tx, changes: readonly StoredChange<Booking>[]): Promise<void> {
    for (const { after } of changes) {
      const cancelledAt = new Date(after.cancelledAt!);
      await this['bookings'].collection.updateOne(
        { _id: new Types.ObjectId(after.id) },
        { $set: { status: 'cancelled', cancelledAt } },
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
