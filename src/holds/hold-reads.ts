import { Injectable } from '@nestjs/common';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import type { Hold } from './hold.js';
import { holdNotFound } from './holds.problems.js';
import type { HoldFilter } from './store/hold-lists.js';
import { HoldsRepository } from './store/holds.repository.js';

/** Reads holds. It changes nothing. */
@Injectable()
export class HoldReads {
  constructor(private readonly holds: HoldsRepository) {}

  /** Returns the hold as a majority has it. Throws `hold_not_found`, also for a hold that the caller may not see. */
  async get(id: string, caller: Caller): Promise<Hold> {
    const hold = await this.holds.findById(id);
    if (!hold || !maySee(caller, hold.soldBy)) throw holdNotFound(id);
    return hold;
  }

  /** Returns a page of holds, newest first. Throws `validation_failed` for a cursor of another list. */
  async list(filter: HoldFilter, limit: number, cursor: string | undefined): Promise<Page<Hold>> {
    const { eventId = '', userId = '', status = '', onlyRefundDue } = filter;
    const named = new URLSearchParams({ event: eventId, user: userId, status, refundDue: String(onlyRefundDue) });
    const list = `holds?${named.toString()}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.holds.list(filter, after, limit + 1);
    return toPage(read, limit, list, (hold) => ({ at: new Date(hold.createdAt), id: hold.id }));
  }
}
