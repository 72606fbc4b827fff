import { type Line, sumByPool } from '../../../src/bookings/booking.js';
import type { Event } from '../../../src/events/event.js';
import { type Kept, keptOf, withoutLines } from './kept.js';
import { HOLDS_LIMITS, OFFER_SECONDS } from './simulated-process.js';
import { type Edit, Terms, type Uses } from './terms.js';
import { type Waiter, Waiting } from './waiting.js';

/** What somebody wants of an event. */
export interface Wish {
  readonly userId: string;
  readonly lines: readonly Line[];
  readonly key: string | undefined;
  /** The whole of it: the same key is for the same wish. */
  readonly text: string;
}

/** `booked`, or the code of the refusal with which it has to be given back. */
export type PaymentEnd = string;

/** Tickets that somebody has, or had, under one id. */
interface Taken {
  readonly id: string;
  readonly wish: Wish;
  /** Undefined for what was booked at once. */
  readonly hold: { createdAt: number; expiresAt: number; isLive: boolean; isReleased: boolean } | undefined;
  isBooked: boolean;
  /** The end of each payment for the hold. */
  readonly payments: Map<string, PaymentEnd>;
  /** As it is sold. */
  readonly first: Kept;
  /** As the changes have left it. */
  kept: Kept;
  /** What the first request with each key has given back, and how the booking was then. */
  readonly parts: Map<string, { readonly text: string; readonly kept: Kept }>;
}

/** A part of a booking that is to be given back. */
export interface Part {
  readonly lines: readonly Line[];
  readonly key: string;
  /** The whole of it: the same key is for the same part. */
  readonly text: string;
}

/** The books of one event, as plainly as they can be kept: one thing after another, and nothing ever goes wrong. */
export class Model {
  readonly terms: Terms;
  readonly waiting = new Waiting();
  private readonly taken: Taken[] = [];

  constructor(event: Event) {
    this.terms = new Terms(event);
  }

  /** All that is true to answer at `now`: `granted`, or whose it is, or each reason to refuse. */
  answersTo({ userId, lines, key, text }: Wish, does: 'book' | 'hold', now: number): string[] {
    const twin = this.taken.find(
      (one) => key !== undefined && one.wish.key === key && (one.hold === undefined) === (does === 'book'),
    );
    if (twin) return [twin.wish.text === text ? `replay of ${twin.id}` : 'idempotency_key_reused'];
    if (this.terms.isDeleted) return ['event_not_found'];
    if (this.terms.status !== 'on_sale') return ['not_on_sale'];
    if (lines.some(({ sectionId }) => !this.terms.hasPool(sectionId))) return ['section_not_found'];
    const reasons = this.obstacles(userId, lines, now);
    if (does === 'hold' && this.liveHoldsOf(userId, now) >= HOLDS_LIMITS.maxHoldsPerUser)
      reasons.push('too_many_holds');
    return reasons.length > 0 ? reasons : ['granted'];
  }

  /** All that is true to answer at `now` to who confirms this, having arrived at `arrived`. */
  answersToConfirm(id: string, arrived: number, now: number, payment: string | undefined): string[] {
    const one = this.find(id);
    if (!one?.hold) return ['hold_not_found'];
    if (payment !== undefined && (this.findPaid(payment) ?? one) !== one) return ['payment_reference_reused'];
    const end = one.payments.get(payment ?? '');
    if (end !== undefined && end !== 'booked') return [end];
    const isPaid = [...one.payments.values()].includes('booked');
    if (one.isBooked) return [payment !== undefined && end === undefined && isPaid ? 'already_paid' : 'granted'];
    if (one.hold.isReleased || this.terms.status === 'cancelled') return ['wrong_state'];
    if (one.hold.isLive && arrived < one.hold.expiresAt) return ['granted'];
    if (now < one.hold.expiresAt) return ['granted'];
    const isThere = this.obstacles(one.wish.userId, one.wish.lines, now).length === 0;
    return [this.terms.status === 'on_sale' && isThere ? 'granted' : 'hold_expired'];
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
    if (this.terms.status === 'cancelled') return ['wrong_state'];
    const most = this.waiting.find(id) ? OFFER_SECONDS : HOLDS_LIMITS.maxHoldSeconds;
    const isTooLong = Math.max(expiresAt, until) > createdAt + most * 1_000;
    return [isTooLong ? 'hold_too_long' : 'granted'];
  }

  /** The same for who gives back a part of it, or all that is left. */
  answersToCancel(id: string, part: Part | undefined): string[] {
    const one = this.find(id);
    if (!one?.isBooked) return ['booking_not_found'];
    if (!part) return ['granted'];
    const earlier = one.parts.get(part.key);
    if (earlier) return [earlier.text === part.text ? `replay of ${id}` : 'idempotency_key_reused'];
    const { status, lines } = one.kept;
    const reasons = sumByPool(part.lines).flatMap(({ sectionId, quantity }) => {
      if (!one.wish.lines.some((line) => line.sectionId === sectionId)) return ['section_not_found'];
      const left = status === 'confirmed' ? lines.find((line) => line.sectionId === sectionId) : undefined;
      return (left?.quantity ?? 0) < quantity ? ['not_enough_tickets'] : [];
    });
    return reasons.length > 0 ? reasons : ['granted'];
  }

  /** The same for who gives what is left of it to somebody. */
  answersToTransfer(id: string, to: string, now: number): string[] {
    const one = this.find(id);
    if (!one?.isBooked) return ['booking_not_found'];
    const { userId, status, lines } = one.kept;
    if (userId === to) return ['granted'];
    if (status === 'cancelled') return ['wrong_state'];
    const isTooMany = this.ticketsOf(to, now) + sumOf(lines) > this.terms.limit;
    return [isTooMany ? 'user_limit_reached' : 'granted'];
  }

  /** The same for who edits the event; without an edit, for who deletes it. */
  answersToEdit(edit: Edit | undefined, now: number): string[] {
    const uses: Uses = {
      inUse: (sectionId) => this.inUse(sectionId, now) + this.waiting.kept(sectionId),
      wasUsed: (sectionId) =>
        [...this.taken, ...this.waiting.waiters].some(
          ({ wish }) => sectionId === undefined || wish.lines.some((line) => line.sectionId === sectionId),
        ),
    };
    return edit ? this.terms.answersTo(edit, uses) : this.terms.answersToDelete(uses);
  }

  /** The same for who wants to wait. */
  answersToJoin({ userId, lines, key, text }: Wish, now: number): string[] {
    const twin = this.waiting.waiters.find(({ wish }) => key !== undefined && wish.key === key);
    if (twin) return [twin.wish.text === text ? `replay of ${twin.id}` : 'idempotency_key_reused'];
    if (this.terms.isDeleted) return ['event_not_found'];
    const { sectionId, quantity } = lines[0]!;
    const known = this.waiting.waiters.find(({ id, wish, state }) => {
      const hold = this.find(id)?.hold;
      const isOpen = state === 'waiting' || (state === 'offered' && hold?.isLive && now < hold.expiresAt);
      return isOpen && wish.userId === userId && wish.lines[0]?.sectionId === sectionId;
    });
    if (known && this.terms.status !== 'cancelled') return [`waits as ${known.id}`];
    if (this.terms.status === 'cancelled') return ['not_on_sale'];
    if (!this.terms.hasPool(sectionId)) return ['section_not_found', 'section_required'];
    const isThere = this.terms.status === 'on_sale' && this.available(sectionId, now) >= quantity;
    const reasons = isThere ? ['tickets_available'] : [];
    if (this.ticketsOf(userId, now) + quantity > this.terms.limit) reasons.push('user_limit_reached');
    return reasons.length > 0 ? reasons : ['granted'];
  }

  /** The same for who does not want to wait any more, nor what was offered. */
  answersToLeave(id: string, arrived: number): string[] {
    const waiter = this.waiting.find(id);
    if (!waiter) return ['waitlist_entry_not_found'];
    const one = this.find(id);
    if (one?.isBooked) return ['wrong_state'];
    if (!one || one.hold?.isReleased || this.terms.status === 'cancelled') return ['granted'];
    return [one.hold!.isLive && arrived < one.hold!.expiresAt ? 'granted' : 'wrong_state'];
  }

  /** Somebody waits. What nobody can have now is kept, if it would do. */
  join(waiter: Waiter): void {
    const { sectionId, quantity } = waiter.wish.lines[0]!;
    const available = this.available(sectionId);
    if (available >= quantity) this.waiting.keep(sectionId, available);
    this.waiting.waiters.push(waiter);
  }

  /** Does something. What becomes free by it, and else is available of these pools, is kept for those who wait. */
  keepingFreed(act: () => void): void {
    const before = new Map(this.terms.pools.map((pool) => [pool, this.available(pool)]));
    act();
    if (this.waiting.isIdle || this.terms.status === 'cancelled') return;
    for (const pool of this.terms.pools) {
      const available = this.available(pool);
      if (available > (before.get(pool) ?? 0)) this.waiting.keep(pool, available);
    }
  }

  /** Those who are offered what is kept, in the order in which they are; see `Waiting.handOver`. */
  handOver(
    pools: readonly (string | undefined)[],
    stopsAfter: (pool: string | undefined) => number | undefined,
    give: (waiter: Waiter) => void,
  ): Waiter[] {
    for (const pool of this.waiting.reserved.keys()) this.waiting.keep(pool, this.available(pool));
    if (this.terms.status === 'cancelled' || this.waiting.count === 0) this.waiting.end();
    else if (this.terms.status !== 'on_sale') this.waiting.reserve();
    else {
      const isAllowed = ({ wish }: Waiter) => this.ticketsOf(wish.userId) + sumOf(wish.lines) <= this.terms.limit;
      return this.waiting.handOver(pools, stopsAfter, isAllowed, give);
    }
    return [];
  }

  /** Gives these tickets back, at this moment. */
  giveBack(one: Taken, lines: readonly Line[], part: Part | undefined, at: number): void {
    one.kept = withoutLines(one.kept, lines, at);
    if (part && !one.parts.has(part.key)) one.parts.set(part.key, { text: part.text, kept: one.kept });
  }

  transfer(one: Taken, to: string): void {
    one.kept = { ...one.kept, userId: to, changes: one.kept.changes + 1 };
  }

  take(id: string, wish: Wish, times: { createdAt: number; expiresAt: number } | undefined): void {
    const hold = times && { ...times, isLive: true, isReleased: false };
    const first = keptOf(wish);
    this.taken.push({ id, wish, hold, isBooked: !times, payments: new Map(), first, kept: first, parts: new Map() });
  }

  find(id: string): Taken | undefined {
    return this.taken.find((one) => one.id === id);
  }

  /** What the payment belongs to. */
  findPaid(payment: string): Taken | undefined {
    return this.taken.find(({ payments }) => payments.has(payment));
  }

  get count(): number {
    return this.taken.filter(({ isBooked }) => isBooked).length;
  }

  /** How many holds keep tickets. */
  get liveHoldsCount(): number {
    return this.taken.filter(({ hold }) => hold?.isLive).length;
  }

  get holdsCount(): number {
    return this.taken.filter(({ hold }) => hold).length;
  }

  /** How many tickets of the pool are neither booked nor held, nor kept for those who wait; with `now`, holds that are over by then do not count. */
  available(sectionId: string | undefined, now = -Infinity): number {
    return this.terms.capacityOf(sectionId) - this.inUse(sectionId, now) - this.waiting.kept(sectionId);
  }

  ticketsOf(userId: string, now = -Infinity): number {
    const own = this.having(now).filter(({ kept }) => kept.userId === userId);
    return sumOf(own.flatMap(({ kept }) => kept.lines));
  }

  private inUse(sectionId: string | undefined, now: number): number {
    const lines = this.having(now).flatMap(({ kept }) => kept.lines);
    return sumOf(lines.filter((line) => line.sectionId === sectionId));
  }

  private obstacles(userId: string, lines: readonly Line[], now: number): string[] {
    const tooMany = this.ticketsOf(userId, now) + sumOf(lines) > this.terms.limit;
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
    return this.taken.filter(({ isBooked, kept, hold }) => {
      return isBooked ? kept.status === 'confirmed' : hold?.isLive && hold.expiresAt > now;
    });
  }
}

function sumOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
