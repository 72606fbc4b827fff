import { Injectable } from '@nestjs/common';
import { eventNotFound } from './events.problems.js';
import type { RecordedMovement } from './inventory/movement.js';
import { MovementsRepository } from './inventory/movements.repository.js';

/** A part of an event's movements, oldest first, without a gap. */
export interface MovementsPage {
  readonly movements: readonly RecordedMovement[];
  /** The revision to go on after. */
  readonly next: number;
  readonly hasMore: boolean;
}

/** A batch of bookings is one movement: a page with many of these ends early. */
const PAGE_LINES_MAX = 5_000;

/** The feed of an event: what happened to its tickets, for a shop that keeps a copy. */
@Injectable()
export class MovementsService {
  constructor(private readonly movements: MovementsRepository) {}

  /**
   * Returns at most `limit` movements after the revision `after`, and at least one if there is any. A deleted event's stay.
   * Throws `event_not_found`.
   */
  async list(eventId: string, after: number, limit: number): Promise<MovementsPage> {
    const movements: RecordedMovement[] = [];
    let [next, lines, hasMore] = [after, 0, false];
    for await (const movement of this.movements.after(eventId, after, limit + 1)) {
      hasMore = movements.length === limit || lines >= PAGE_LINES_MAX;
      if (hasMore) break;
      movements.push(movement);
      next = movement.revision;
      lines += movement.lines.length;
    }
    if (movements.length === 0 && !(await this.movements.hasAny(eventId))) throw eventNotFound(eventId);
    return { movements, next, hasMore };
  }
}
