import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Instant } from '../../common/clock.js';
import { BookingItemView, toItemView } from '../../bookings/index.js';
import type { Hold, Settlement } from '../hold.js';
import { HOLD_STATUSES, type HoldStatus } from '../hold-states.js';

export class SettlementView {
  /** @example "pay-1001" */
  paymentReference!: string;
  /** What became of the payment: it has bought the tickets, or has to be given back. */
  @ApiProperty({ enum: ['booked', 'refund_due'] })
  outcome!: Settlement['outcome'];
  /** @example "2026-01-13T10:35:00.000Z" */
  at!: Date;
  /** When the refund was said to be paid. */
  settledAt?: Date;
}

export class HoldView {
  /** @example "67842a1b2c3d4e5f60718294" */
  _id!: string;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /** @example "user123" */
  userId!: string;
  /** At the prices of the moment of holding. */
  items!: BookingItemView[];
  /**
   * The sum of the items' quantities.
   * @example 1
   */
  quantity!: number;
  @ApiProperty({ enum: HOLD_STATUSES, example: 'active' })
  status!: HoldStatus;
  /** @example "2026-01-13T10:40:00.000Z" */
  expiresAt!: Date;
  /**
   * Whole seconds until then, rounded up; 0 for a hold that has ended.
   * @example 600
   */
  expiresInSeconds!: number;
  /** @example "2026-01-13T10:30:00.000Z" */
  createdAt!: Date;
  /** The booking that it became. */
  bookingId?: string;
  /**
   * The entry of the waitlist to which these tickets are offered.
   * @example "67842a1b2c3d4e5f60718294"
   */
  waitlistEntryId?: string;
  /** What became of its first payment. */
  @ApiPropertyOptional({ enum: ['booked', 'refund_due'] })
  settlement?: Settlement['outcome'];
  /** What became of each of its payments. */
  settlements?: SettlementView[];
  /**
   * The shop's own name for this hold.
   * @example "cart-1001"
   */
  reference?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, example: { channel: 'web' } })
  metadata?: Readonly<Record<string, string>>;
}

export class HoldResponse {
  /** @example true */
  success!: boolean;
  hold!: HoldView;
}

export class HoldListResponse {
  /** @example true */
  success!: boolean;
  holds!: HoldView[];
  /** The cursor of the next page; null at the end. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

/** The hold as it is at `now`: one that has not been settled since its end is expired all the same. */
export function toHoldView(hold: Hold, now: Instant): HoldView {
  const isActive = hold.status === 'active' && now < hold.expiresAt;
  const [first] = hold.settlements;
  return {
    _id: hold.id,
    eventId: hold.eventId,
    userId: hold.userId,
    items: hold.items.map(toItemView),
    quantity: hold.quantity,
    status: hold.status === 'active' && !isActive ? 'expired' : hold.status,
    expiresAt: new Date(hold.expiresAt),
    expiresInSeconds: isActive ? Math.ceil((hold.expiresAt - now) / 1_000) : 0,
    createdAt: new Date(hold.createdAt),
    ...(hold.status === 'confirmed' && { bookingId: hold.id }),
    ...(hold.isOffer && { waitlistEntryId: hold.id }),
    ...(first && { settlement: first.outcome, settlements: hold.settlements.map(toSettlementView) }),
    ...(hold.reference !== undefined && { reference: hold.reference }),
    ...(hold.metadata && { metadata: hold.metadata }),
  };
}

function toSettlementView({ reference, outcome, at, settledAt }: Settlement): SettlementView {
  return {
    paymentReference: reference,
    outcome,
    at: new Date(at),
    ...(settledAt !== undefined && { settledAt: new Date(settledAt) }),
  };
}
