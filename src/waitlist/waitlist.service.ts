import { Inject, Injectable } from '@nestjs/common';
import {
  BOOKINGS_CONFIG,
  type BookingsConfig,
  BookingsService,
  type Done,
  toWanted,
  within,
} from '../bookings/index.js';
import type { Instant } from '../common/clock.js';
import { KeysInFlight } from '../common/concurrency/keys-in-flight.js';
import { fingerprintOf, idempotencyKeyReused } from '../common/idempotency.js';
import { RELEASES } from '../common/releases.js';
import type { HasDisconnected } from '../common/trace.js';
import { type Caller, maySee } from '../platform/auth/index.js';
import { Upgrade } from '../platform/database/index.js';
import type { JoinCommand, Joined } from './decide/join.js';
import type { LeaveCommand } from './decide/leave.js';
import type { Entry } from './entry.js';
import { EntriesRepository } from './store/entries.repository.js';

/** What somebody wants to wait for. */
export interface JoinRequest {
  readonly eventId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly sectionId: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** Lets users wait for tickets. Every change is a command of the engine: all methods throw as `BookingsService.submit` does. */
@Injectable()
export class WaitlistService {
  private readonly keysInFlight = new KeysInFlight();

  constructor(
    private readonly engine: BookingsService,
    private readonly entries: EntriesRepository,
    private readonly upgrade: Upgrade,
    @Inject(BOOKINGS_CONFIG) private readonly bookingsConfig: BookingsConfig,
  ) {}

  /**
   * Joins the waitlist for a request that arrived at `at`. Returns the entry, or the one with which the user waits
   * already. Throws `validation_failed` for more tickets than one booking may have, and `upgrade_in_progress`.
   */
  async join(
    request: JoinRequest,
    caller: Caller,
    at: Instant,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Joined>> {
    this.upgrade.assertDone(RELEASES.waitlist);
    const { idempotencyKey: key, ...rest } = request;
    toWanted([rest], this.bookingsConfig);
    const command: JoinCommand = {
      kind: 'joinWaitlist',
      entryId: this.entries.nextId(),
      ...rest,
      idempotency: key === undefined ? undefined : { key, fingerprint: fingerprintOf(request) },
      soldBy: caller.key?.id,
      sees: caller.sees && [...caller.sees],
      at,
    };
    const name = key && within(request.eventId, key);
    const done = await this.keysInFlight.run(name, () => this.engine.submit<Joined>(command, hasDisconnected));
    // A replaced API key has no part in what its successor does.
    if (!maySee(caller, done.result.entry.soldBy)) throw idempotencyKeyReused();
    return done;
  }

  /** Leaves the waitlist, and gives back what was offered. Returns the entry. */
  leave({ id, eventId, userId }: Entry, at: Instant, hasDisconnected: HasDisconnected): Promise<Done<Entry>> {
    const command: LeaveCommand = { kind: 'leaveWaitlist', eventId, entryId: id, userId, at };
    return this.engine.submit<Entry>(command, hasDisconnected);
  }
}
