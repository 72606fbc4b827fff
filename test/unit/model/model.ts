import { type Line, sumByPool } from '../../../src/bookings/booking.js';
import type { Event, EventStatus } from '../../../src/events/event.js';

/** What somebody wants of an event. */
export interface Wish {
  readonly userId: string;
  readonly lines: readonly Line[];
  readonly key: string | undefined;
  /** The whole of it: the same key is for the same wish. */
  readonly text: string;
}

interface Sold {
  readonly id: string;
  readonly wish: Wish;
  isCancelled: boolean;
}

/** The books of one event, as plainly as they can be kept: one thing after another, and nothing ever goes wrong. */
export class Model {
  private readonly sold: Sold[] = [];

  /** As the organiser has set it last. */
  status: EventStatus;

  constructor(private readonly event: Event) {
    this.status = event.status;
  }

  /** All that is true to answer now: `booked`, or whose booking it is, or each reason to refuse. */
  answersTo({ userId, lines, key, text }: Wish): string[] {
    const twin = this.sold.find(({ wish }) => key !== undefined && wish.key === key);
    if (twin) return [twin.wish.text === text ? `replay of ${twin.id}` : 'idempotency_key_reused'];
    if (this.status !== 'on_sale') return ['not_on_sale'];
    const wanted = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const tooMany = this.ticketsOf(userId) + wanted > (this.event.maxTicketsPerUser ?? Infinity);
    const short = sumByPool(lines).filter(({ sectionId, quantity }) => this.available(sectionId) < quantity);
    const reasons: string[] = short.map(({ sectionId }) =>
      this.available(sectionId) === 0 ? 'sold_out' : 'not_enough_tickets',
    );
    if (tooMany) reasons.push('user_limit_reached');
    return reasons.length > 0 ? reasons : ['booked'];
  }

  book(id: string, wish: Wish): void {
    this.sold.push({ id, wish, isCancelled: false });
  }

  find(id: string): Sold | undefined {
    return this.sold.find((sold) => sold.id === id);
  }

  get count(): number {
    return this.sold.length;
  }

  available(sectionId: string | undefined): number {
    const pool = this.event.sections.find(({ id }) => id === sectionId) ?? this.event;
    const lines = this.valid().flatMap(({ wish }) => wish.lines.filter((line) => line.sectionId === sectionId));
    return lines.reduce((left, { quantity }) => left - quantity, pool.availableTickets);
  }

  ticketsOf(userId: string): number {
    const own = this.valid().filter(({ wish }) => wish.userId === userId);
    return own.flatMap(({ wish }) => wish.lines).reduce((sum, { quantity }) => sum + quantity, 0);
  }

  private valid(): Sold[] {
    return this.sold.filter(({ isCancelled }) => !isCancelled);
  }
}
