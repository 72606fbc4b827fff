import { ApiProperty } from '@nestjs/swagger';
import { MOVEMENT_KINDS, type MovementKind, type MovementLine, type RecordedMovement } from '../inventory/movement.js';
import type { MovementsPage } from '../movements.service.js';

export class MovementLineView {
  @ApiProperty({ enum: MOVEMENT_KINDS, example: 'booked' })
  kind!: MovementKind;
  /**
   * How many tickets.
   * @example 2
   */
  quantity!: number;
  /**
   * Absent in an event without sections.
   * @example "67841f2a3b4c5d6e7f809101"
   */
  sectionId?: string;
  /**
   * The booking, or the hold that may become it under the same id. Absent for capacity, imports, and reserved tickets.
   * @example "67842a1b2c3d4e5f60718293"
   */
  bookingId?: string;
}

export class MovementView {
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /**
   * The revision of the event that it made. Revisions that moved no ticket have no movement.
   * @example 2
   */
  revision!: number;
  /**
   * When it was written, for people: the order is that of the revisions.
   * @example "2026-01-13T10:30:00.000Z"
   */
  at!: Date;
  lines!: MovementLineView[];
}

export class MovementListResponse {
  /** @example true */
  success!: boolean;
  movements!: MovementView[];
  /**
   * What to send as `after` next time: the last revision above, or what was sent if there is none.
   * @example 2
   */
  next!: number;
  /**
   * Whether there are more already.
   * @example false
   */
  hasMore!: boolean;
}

export function toMovementList({ movements, next, hasMore }: MovementsPage): MovementListResponse {
  return { success: true, movements: movements.map(toMovementView), next, hasMore };
}

function toMovementView({ eventId, revision, at, lines }: RecordedMovement): MovementView {
  return { eventId, revision, at: new Date(at), lines: lines.map(toLineView) };
}

function toLineView({ kind, quantity, sectionId, bookingId }: MovementLine): MovementLineView {
  return {
    kind,
    quantity,
    ...(sectionId !== undefined && { sectionId }),
    ...(bookingId !== undefined && { bookingId }),
  };
}
