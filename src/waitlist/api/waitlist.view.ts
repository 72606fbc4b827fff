import { ApiProperty } from '@nestjs/swagger';
import { ENTRY_STATUSES, type EntryStatus } from '../entry-states.js';
import type { SeenEntry } from '../waitlist-reads.js';

export class EntryView {
  /** @example "67842a1b2c3d4e5f60718295" */
  _id!: string;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /** @example "user456" */
  userId!: string;
  /** @example 2 */
  quantity!: number;
  /** Absent in an event without sections. */
  sectionId?: string;
  @ApiProperty({ enum: ENTRY_STATUSES, example: 'waiting' })
  status!: EntryStatus;
  /**
   * How many wait before, and this one; 0 for an entry that does not wait any more. Beyond 1,000 it is an estimate, and
   * may be too high. A user who wants more tickets than are free is passed over and keeps the place.
   * @example 1
   */
  position!: number;
  /** The hold with the tickets that were offered: confirm it to buy them, before it ends. */
  holdId?: string;
  /** @example "2026-01-13T10:30:00.000Z" */
  joinedAt!: Date;
  /** Until when the tickets are, or were, offered. */
  offerExpiresAt?: Date;
}

export class EntryResponse {
  /** @example true */
  success!: boolean;
  entry!: EntryView;
}

export class EntryListResponse {
  /** @example true */
  success!: boolean;
  entries!: EntryView[];
  /** The cursor of the next page; null at the end. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function toEntryView({ entry, status, position }: SeenEntry): EntryView {
  return {
    _id: entry.id,
    eventId: entry.eventId,
    userId: entry.userId,
    quantity: entry.quantity,
    ...(entry.sectionId !== undefined && { sectionId: entry.sectionId }),
    status,
    position,
    // The hold has the entry's id.
    ...(entry.offeredAt !== undefined && { holdId: entry.id }),
    joinedAt: new Date(entry.joinedAt),
    ...(entry.offerExpiresAt !== undefined && { offerExpiresAt: new Date(entry.offerExpiresAt) }),
  };
}
