import { ApiProperty } from '@nestjs/swagger';
import { BUCKETS_MAX, type SalesBucket } from '../sales.js';
import type { Sales } from '../sales.service.js';

/** A bucket: the counts at its end, and the tickets that moved within it. */
export class SalesBucketView {
  /**
   * The end of the bucket, which belongs to it. It begins after the end of the bucket before.
   * @example "2026-01-13T11:00:00.000Z"
   */
  at!: Date;
  /**
   * The capacity at the end of the bucket.
   * @example 40
   */
  totalTickets!: number;
  /** @example 30 */
  availableTickets!: number;
  /**
   * Tickets of holds, and tickets that are kept for those who wait.
   * @example 2
   */
  heldTickets!: number;
  /** @example 8 */
  soldTickets!: number;
  /**
   * Tickets that were booked within the bucket without a hold.
   * @example 4
   */
  booked!: number;
  /**
   * Tickets of holds that became bookings.
   * @example 1
   */
  confirmed!: number;
  /**
   * Tickets of bookings that were cancelled.
   * @example 0
   */
  cancelled!: number;
  /**
   * Tickets that were held.
   * @example 3
   */
  held!: number;
  /**
   * Tickets of holds that were released.
   * @example 0
   */
  released!: number;
  /**
   * Tickets of holds that ended unpaid.
   * @example 0
   */
  expired!: number;
  /**
   * Tickets that had been sold when the database of the Express API was taken over.
   * @example 0
   */
  imported!: number;
}

export class SalesResponse {
  /** @example true */
  success!: boolean;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /**
   * The revision of the event that the answer is about: all movements up to it are counted, and no others.
   * @example 7
   */
  revision!: number;
  /**
   * The first bucket begins after it.
   * @example "2026-01-13T10:30:00.000Z"
   */
  from!: Date;
  /**
   * The end of the last bucket.
   * @example "2026-01-13T11:00:00.000Z"
   */
  to!: Date;
  /**
   * The length of a bucket, in seconds; the last one may be shorter.
   * @example 1800
   */
  step!: number;
  /** Every bucket from `from` to `to`, oldest first. */
  @ApiProperty({ maxItems: BUCKETS_MAX })
  buckets!: SalesBucketView[];
}

export function toSalesResponse({ eventId, revision, range, buckets }: Sales): SalesResponse {
  return {
    success: true,
    ...{ eventId, revision },
    from: new Date(range.from),
    to: new Date(range.to),
    step: range.stepSeconds,
    buckets: buckets.map(toBucketView),
  };
}

function toBucketView({ at, ...bucket }: SalesBucket): SalesBucketView {
  return { at: new Date(at), ...bucket };
}
