import { Injectable } from '@nestjs/common';
import { type Caller, maySee } from '../platform/auth/index.js';
import type { Hold } from './hold.js';
import { holdNotFound } from './holds.problems.js';
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
}
