import { type Line, sumByPool } from '../../../src/bookings/booking.js';
import type { Event, EventStatus } from '../../../src/events/event.js';
import { HOLDS_LIMITS } from './simulated-process.js';

/** What somebody wants of an event. */
export interface Wish {
  readonly userId: string;
  readonly lines: readonly Line[];
  readonly key: string | undefined;
  /** The whole of it: the same key is for the same wish. */
  readonly text: string;
}

/** Tickets that somebody has, or had, under one id. */
interface Taken {
  readonly id: string;
  readonly wish: Wish;
  /** Undefined for what was booked at once. */
  readonly hold: { createdAt: number; expiresAt: number; isLive: boolean; isReleased: boolean } | undefined;
  isBooked: boolean;
  isCancelled: boolean;
}

/** The books of one event, as plainly as they can be kept: one thing after another, and nothing ever goes wrong. */
export class Model {
  private readonly taken: Taken[] = [];

  /** As the organiser has set it last. */
  status: EventStatus;

  constructor(private readonly event: Event) {
    this.status = event.status;
  }

  /** All that is true to answer at `now`: `granted`, or whose it is, or each reason to refuse. */
  answersTo({ userId, lines, key, text }: Wish, does: 'book' | 'hold', now: number): string[] {
    const twin = this.taken.find(
      (one) => key !== undefined && one.wish.key === key && (one.hold === undefined) === (does === 'book'),
    );
    if (twin) return [twin.wish.text === text ? `replay of ${twin.id}` : 'idempotency_key_reused'];
    if (this.status !== 'on_sale') return ['not_on_sale'];
    const reasons = this.obstacles(userId, lines, now);
    if (does === 'hold' && this.liveHoldsOf(userId, now) >= HOLDS_LIMITS.maxHoldsPerUser)
      reasons.push('too_many_holds');
    return reasons.length > 0 ? reasons : ['granted'];
  }

  /** All that is true to answer at `now` to who confirms this, having arrived at `arrived`. */
  answersToConfirm(id: string, arrived: number, now: number): string[] {
    const one = this.find(id);
    if (!one?.hold) return ['hold_not_found'];
    if (one.isBooked) return ['granted'];
    if (one.hold.isReleased) return ['wrong_state'];
    if (one.hold.isLive && arrived < one.hold.expiresAt) return ['granted'];
    if (now < one.hold.expiresAt) return ['granted'];
    const isThere = this.obstacles(one.wish.userId, one.wish.lines, now).length === 0;
    return [this.status === 'on_sale' && isThere ? 'granted' : 'hold_expired'];
  }

  /** The same for who releases it. */
  answersToRelease(id: string, arrived: number): string[] {
    const one = this.find(id);
    if (!one?.hold) return ['hold_not_found'];
    const isInTime = one.hold.isLive && arrived < one.hold.expiresAt;
    return [one.hold.isReleased || isInTime ? 'granted' : 'wrong_state'];
  }

  /** The same for who wants it to be held until `until`. */
  answersToExtend(id: string, arrived: number, until: number): string[] {
    const one = this.find(id);
    if (!one?.hold) return ['hold_not_found'];
    const { createdAt, expiresAt, isLive, isReleased } = one.hold;
    if (isReleased || one.isBooked) return ['wrong_state'];
    if (!isLive || arrived >= expiresAt) return ['hold_expired'];
    const isTooLong = Math.max(expiresAt, until) > createdAt + HOLDS_LIMITS.maxHoldSeconds * 1_000;
    return [isTooLong ? 'hold_too_long' : 'granted'];
  }

  take(id: string, wish: Wish, times: { createdAt: number; expiresAt: number } | undefined): void {
    const hold = times && { ...times, isLive: true, isReleased: false };
    this.taken.push({ id, wish, hold, isBooked: !times, isCancelled: false });
  }

  find(id: string): Taken | undefined {
    return this.taken.find((one) => one.id === id);
  }

  get count(): number {
    return this.taken.filter(({ isBooked }) => isBooked).length;
  }

  get holdsCount(): number {
    return this.taken.filter(({ hold }) => hold).length;
  }

  /** How many tickets of the pool are neither booked nor held; with `now`, holds that are over by then do not count. */
  available(sectionId: string | undefined, now = -Infinity): number {
    const pool = this.event.sections.find(({ id }) => id === sectionId) ?? this.event;
    const lines = this.having(now).flatMap(({ wish }) => wish.lines.filter((line) => line.sectionId === sectionId));
    return lines.reduce((left, { quantity }) => left - quantity, pool.availableTickets);
  }

  ticketsOf(userId: string, now = -Infinity): number {
    const own = this.having(now).filter(({ wish }) => wish.userId === userId);
    return own.flatMap(({ wish }) => wish.lines).reduce((sum, { quantity }) => sum + quantity, 0);
  }

  private obstacles(userId: string, lines: readonly Line[], now: number): string[] {
    const wanted = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const tooMany = this.ticketsOf(userId, now) + wanted > (this.event.maxTicketsPerUser ?? Infinity);
    const short = sumByPool(lines).filter(({ sectionId, quantity }) => this.available(sectionId, now) < quantity);
    const reasons: string[] = short.map(({ sectionId }) =>
      this.available(sectionId, now) === 0 ? 'sold_out' : 'not_enough_tickets',
    );
    return tooMany ? [...reasons, 'user_limit_reached'] : reasons;
  }

  private liveHoldsOf(userId: string, now: number): number {
    return this.taken.filter(({ wish, hold }) => wish.userId === userId && hold?.isLive && hold.expiresAt > now).length;
  }

  private having(now: number): Taken[] {
    return this.taken.filter(({ isBooked, isCancelled, hold }) => {
      return isBooked ? !isCancelled : hold?.isLive && hold.expiresAt > now;
    });
  }
}
