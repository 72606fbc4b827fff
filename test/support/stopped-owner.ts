import type { TestingModuleBuilder } from '@nestjs/testing';
import type { Types } from 'mongoose';
import type { Movement } from '../../src/events/inventory/movement.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import type { Tx } from '../../src/platform/database/index.js';

/** Holds the next transaction that is about to write, between its plan and its first write, until it is let go. */
export class StoppingPoint {
  private next: { arrive: () => void; readonly goOn: Promise<void> } | undefined;
  private letGo = () => {};

  /** Returns when a transaction has arrived. */
  stopNext(): Promise<void> {
    const goOn = new Promise<void>((resolve) => (this.letGo = resolve));
    return new Promise((arrive) => (this.next = { arrive, goOn }));
  }

  goOn(): void {
    this.letGo();
  }

  async pass(): Promise<void> {
    const stop = this.next;
    this.next = undefined;
    stop?.arrive();
    await stop?.goOn;
  }
}

/** The product, with a stopping point in front of its writes. */
export function stoppingAt(point: StoppingPoint): (builder: TestingModuleBuilder) => TestingModuleBuilder {
  class Stopping extends TicketInventoryRepository {
    override async move(tx: Tx, movements: readonly Movement[]): Promise<boolean> {
      if (movements.length > 0) await point.pass();
      return super.move(tx, movements);
    }
  }
  return (builder) => builder.overrideProvider(TicketInventoryRepository).useClass(Stopping);
}

/** The same, where an update does not say which revision it was planned on, nor what has to be there. */
export function stoppingWithoutGuard(point: StoppingPoint): (builder: TestingModuleBuilder) => TestingModuleBuilder {
  class Unguarded extends TicketInventoryRepository {
    override async move(tx: Tx, movements: readonly Movement[]): Promise<boolean> {
      if (movements.length > 0) await point.pass();
      for (const movement of movements) {
        const { filter, update } = this['toUpdate'](movement);
        const moved = await this['events'].collection.findOneAndUpdate(
          { _id: filter['_id'] as Types.ObjectId },
          update,
          { session: tx.session, bypassDocumentValidation: true, returnDocument: 'after' },
        );
        if (moved && movement.lines.length > 0)
          await this['record'](tx, [{ ...movement, revision: moved['revision'] - 1 }]);
      }
      return true;
    }
  }
  return (builder) => builder.overrideProvider(TicketInventoryRepository).useClass(Unguarded);
}
