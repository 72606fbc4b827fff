import { Injectable } from '@nestjs/common';
import { assert } from '../common/assert.js';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { TicketInventoryRepository } from '../events/index.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import type { Hold } from './hold.js';
import { holdNotFound } from './holds.problems.js';
import type { HoldFilter } from './store/hold-lists.js';
import { HoldsRepository } from './store/holds.repository.js';

/** Reads holds. It changes nothing. */
@Injectable()
export class HoldReads {
  constructor(
    private readonly holds: HoldsRepository,
    private readonly inventory: TicketInventoryRepository,
  ) {}

  /** Returns the hold as it is, for whoever looks: that of a cancelled event is released. Throws as `get` does. */
  async look(id: string, caller: Caller): Promise<Hold> {
    const [hold] = await this.asTheyAre([await this.get(id, caller)]);
    assert(hold, 'one hold is as it is');
    return hold;
  }

  /** Returns the hold as a majority has it stored. Throws `hold_not_found`, also for a hold that the caller may not see. */
  async get(id: string, caller: Caller): Promise<Hold> {
    const hold = await this.holds.findById(id);
    if (!hold || !maySee(caller, hold.soldBy)) throw holdNotFound(id);
    return hold;
  }

  /** When an event is cancelled, its holds are released at once, and written so in the seconds after. */
  private async asTheyAre(holds: readonly Hold[]): Promise<Hold[]> {
    const active = holds.filter(({ status }) => status === 'active');
    const events =
      active.length > 0 ? await this.inventory.readCommitted(active.map(({ eventId }) => eventId)) : undefined;
    return holds.map((hold) => {
      const isGivenUp = hold.status === 'active' && events?.get(hold.eventId)?.status === 'cancelled';
      return isGivenUp ? { ...hold, status: 'released' } : hold;
    });
  }

  /** Returns a page of holds, newest first. Throws `validation_failed` for a cursor of another list. */
  async list(filter: HoldFilter, limit: number, cursor: string | undefined): Promise<Page<Hold>> {
    const { eventId = '', userId = '', status = '', onlyRefundDue } = filter;
    const named = new URLSearchParams({ event: eventId, user: userId, status, refundDue: String(onlyRefundDue) });
    const list = `holds?${named.toString()}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.holds.list(filter, after, limit + 1);
    return toPage(await this.asTheyAre(read), limit, list, (hold) => ({ at: new Date(hold.createdAt), id: hold.id }));
  }
}
