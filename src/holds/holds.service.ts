import { Inject, Injectable } from '@nestjs/common';
import {
  type Accepted,
  BOOKINGS_CONFIG,
  type BookingsConfig,
  BookingsService,
  type Done,
  type Line,
  RequestQueue,
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
import type { Confirmed, ConfirmCommand } from './decide/confirm.js';
import type { ExtendCommand } from './decide/extend.js';
import type { HoldCommand } from './decide/hold.js';
import type { ReleaseCommand } from './decide/release.js';
import type { SettleRefundsCommand } from './decide/settle-refunds.js';
import type { Hold } from './hold.js';
import { HOLDS_CONFIG, type HoldsConfig } from './holds.config.js';
import { holdTooLong } from './holds.problems.js';
import { HoldsRepository } from './store/holds.repository.js';

/** What a caller wants to be held, with the lines as they were sent. */
export interface HoldRequest {
  readonly eventId: string;
  readonly userId: string;
  readonly lines: readonly Line[];
  /** Undefined for the configured time. */
  readonly ttlSeconds: number | undefined;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotencyKey: string | undefined;
}

/** How a hold is to be bought, with the lines as they were sent. */
export interface ConfirmRequest {
  /** Undefined for all of it. */
  readonly lines: readonly Line[] | undefined;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly paymentReference: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** Keeps tickets for a while. Every change is a command of the engine: all methods throw as `BookingsService.submit` does. */
@Injectable()
export class HoldsService {
  private readonly keysInFlight = new KeysInFlight();

  constructor(
    private readonly engine: BookingsService,
    private readonly holds: HoldsRepository,
    private readonly queue: RequestQueue,
    private readonly upgrade: Upgrade,
    @Inject(HOLDS_CONFIG) private readonly config: HoldsConfig,
    @Inject(BOOKINGS_CONFIG) private readonly bookingsConfig: BookingsConfig,
  ) {}

  /**
   * Holds tickets for a request that arrived at `at`. Returns the hold, committed, and whether an earlier request with the same key has made it. Throws
   * `upgrade_in_progress` too.
   */
  async create(
    request: HoldRequest,
    caller: Caller,
    at: Instant,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Hold>> {
    const command = this.toCommand(request, caller, at);
    const name = command.idempotency && within(command.eventId, command.idempotency.key);
    const done = await this.keysInFlight.run(name, () => this.engine.submit<Hold>(command, hasDisconnected));
    // A replaced API key has no part in what its successor holds.
    if (!maySee(caller, done.result.soldBy)) throw idempotencyKeyReused();
    return done;
  }

  /** Lets the hold wait in the queue of its event. Returns the request. Throws as `RequestQueue.accept` does. */
  createLater(
    request: HoldRequest,
    caller: Caller,
    at: Instant,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Accepted>> {
    const command = this.toCommand(request, caller, at);
    return this.queue.accept(command.holdId, command, caller, hasDisconnected);
  }

  private toCommand(request: HoldRequest, caller: Caller, at: Instant): HoldCommand {
    this.upgrade.assertDone(RELEASES.holds);
    const { lines, idempotencyKey: key, ttlSeconds = this.config.holdSeconds, ...rest } = request;
    const { maxHoldSeconds, maxHoldsPerUser } = this.config;
    if (ttlSeconds > maxHoldSeconds) throw holdTooLong(maxHoldSeconds);
    return {
      kind: 'hold',
      holdId: this.holds.nextId(),
      ...rest,
      lines: toWanted(lines, this.bookingsConfig),
      ttlSeconds,
      ignoreUserLimit: false,
      maxHoldsPerUser,
      idempotency: key === undefined ? undefined : { key, fingerprint: fingerprintOf(request) },
      soldBy: caller.key?.id,
      at,
    };
  }

  /** Buys the hold, or a part of it, in time if the request arrived before the end. Returns the booking, and whether this request, or one with its key, has made it. */
  async confirm(
    { id, eventId, userId, expiresAt }: Hold,
    request: ConfirmRequest,
    caller: Caller,
    at: Instant,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Confirmed>> {
    const { lines, idempotencyKey: key, paymentReference, ...rest } = request;
    const command: ConfirmCommand = {
      kind: 'confirmHold',
      eventId,
      holdId: id,
      userId,
      ...rest,
      lines: lines && toWanted(lines, this.bookingsConfig),
      payment: paymentReference === undefined ? undefined : { reference: paymentReference, by: caller.key?.name ?? '' },
      idempotency: key === undefined ? undefined : { key, fingerprint: fingerprintOf({ holdId: id, ...request }) },
      at,
      expiresAt,
    };
    return this.engine.submit<Confirmed>(command, hasDisconnected);
  }

  /** Gives the tickets back, if the request arrived before the end. Returns the hold, released. */
  release(
    { id, eventId, userId, expiresAt }: Hold,
    at: Instant,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Hold>> {
    const command: ReleaseCommand = { kind: 'releaseHold', eventId, holdId: id, userId, at, expiresAt };
    return this.engine.submit<Hold>(command, hasDisconnected);
  }

  /** Keeps the tickets until `ttlSeconds` after the request arrived, where that is later. Returns the hold. */
  extend(
    { id, eventId, userId, expiresAt }: Hold,
    ttlSeconds: number,
    at: Instant,
    hasDisconnected: HasDisconnected,
  ): Promise<Done<Hold>> {
    const { maxHoldSeconds } = this.config;
    const command: ExtendCommand = {
      kind: 'extendHold',
      eventId,
      holdId: id,
      userId,
      ttlSeconds,
      maxHoldSeconds,
      at,
      expiresAt,
    };
    return this.engine.submit<Hold>(command, hasDisconnected);
  }

  /** Takes the hold off the list of refunds that are due. Returns it. */
  settleRefunds({ id, eventId }: Hold, hasDisconnected: HasDisconnected): Promise<Done<Hold>> {
    const command: SettleRefundsCommand = { kind: 'settleRefunds', eventId, holdId: id };
    return this.engine.submit<Hold>(command, hasDisconnected);
  }
}
