import { ApiProperty } from '@nestjs/swagger';
import type { HistoryEntry } from '../booking-history.js';

export class HistoryEntryView {
  /** @example "2026-01-13T10:30:00.000Z" */
  at!: Date;
  @ApiProperty({ enum: ['booked', 'cancelled', 'transferred'], example: 'cancelled' })
  kind!: HistoryEntry['kind'];
  /**
   * How many tickets it was about.
   * @example 1
   */
  quantity!: number;
  /**
   * What the request said.
   * @example "The buyer is ill"
   */
  reason?: string;
  /** The name of the API key; null where the API was open, and in bookings from before there were keys. */
  @ApiProperty({ type: String, nullable: true, example: 'shop' })
  by!: string | null;
}

export class BookingHistoryResponse {
  /** @example true */
  success!: boolean;
  history!: HistoryEntryView[];
  /** The cursor of the next page; null at the end. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function toHistoryView({ at, kind, quantity, reason, by }: HistoryEntry): HistoryEntryView {
  return { at: new Date(at), kind, quantity, ...(reason !== undefined && { reason }), by: by ?? null };
}
