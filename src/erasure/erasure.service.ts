import { Injectable } from '@nestjs/common';
import { BookingsService, CommandRegistry, endEarly } from '../bookings/index.js';
import { Clock } from '../common/clock.js';
import { RELEASES } from '../common/releases.js';
import type { HasDisconnected } from '../common/trace.js';
import { TicketInventoryRepository } from '../events/index.js';
import type { Caller } from '../platform/auth/index.js';
import { Upgrade } from '../platform/database/index.js';
import type { ErasedUser, EraseUserCommand } from './decide/erase-user.js';
import { ErasuresRepository } from './store/erasures.repository.js';

/** A call begins no transaction after so many milliseconds. */
const RUN_MS = 2_000;
/** Of how many documents of each kind the events are looked up at once. */
const FIND_MAX = 100;

/** What one call has done. */
export interface UserErased {
  /** How many documents this call has changed. */
  readonly replaced: number;
  /** Whether the user is stored nowhere any more. */
  readonly done: boolean;
}

/** Puts a pseudonym in the place of a user wherever the user is stored. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly engine: BookingsService,
    private readonly registry: CommandRegistry,
    private readonly erasures: ErasuresRepository,
    private readonly inventory: TicketInventoryRepository,
    private readonly clock: Clock,
    private readonly upgrade: Upgrade,
  ) {}

  /**
   * Erases the user, event by event, until nothing is left or the time is over. Another call, on any server, goes on with the
   * same pseudonym. Throws `upgrade_in_progress`, and as `BookingsService.submit` does where nothing was changed. Where
   * something was and the rest is not known, throws `outcome_unknown`.
   */
  async erase(userId: string, { key }: Caller, hasDisconnected: HasDisconnected): Promise<UserErased> {
    this.upgrade.assertDone(RELEASES.waitlist);
    const until = this.clock.monotonic() + RUN_MS;
    const isOverdue = () => this.clock.monotonic() >= until || hasDisconnected();
    let replaced = 0;
    try {
      for (;;) {
        const eventIds = await this.findEventIds(userId);
        if (eventIds.length === 0) {
          await this.erasures.end(userId, this.clock.now().getTime());
          return { replaced, done: true };
        }
        const pseudonym = await this.erasures.begin(userId, key?.name, this.clock.now().getTime());
        for await (const changed of this.eraseAt(eventIds, userId, pseudonym, hasDisconnected)) {
          replaced += changed;
          if (isOverdue()) return { replaced, done: false };
        }
      }
    } catch (error) {
      endEarly(error, replaced);
      return { replaced, done: false };
    }
  }

  private async findEventIds(userId: string): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const source of this.registry.erasures) {
      for (const eventId of await source.findEventIds(userId, FIND_MAX)) found.add(eventId);
    }
    return [...found];
  }

  /** Yields how many documents it has changed, a batch at a time. Ends early where the erasure has ended. */
  private async *eraseAt(
    eventIds: readonly string[],
    userId: string,
    pseudonym: string,
    hasDisconnected: HasDisconnected,
  ): AsyncGenerator<number> {
    const events = await this.inventory.readCommitted(eventIds);
    const missing = eventIds.filter((eventId) => !events.has(eventId));
    if (missing.length > 0) {
      for (const source of this.registry.erasures) yield source.eraseAt(missing, userId, pseudonym, FIND_MAX);
    }
    for (const eventId of eventIds.filter((each) => events.has(each))) {
      for (let isLeft = true; isLeft;) {
        const batchId = this.erasures.nextId();
        const command: EraseUserCommand = { kind: 'eraseUser', eventId, userId, pseudonym, batchId };
        const { replaced, hasMore, isOver } = (await this.engine.submit<ErasedUser>(command, hasDisconnected)).result;
        yield replaced;
        if (isOver) return;
        isLeft = hasMore;
      }
    }
  }
}
