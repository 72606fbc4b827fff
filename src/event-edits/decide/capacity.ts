import type { Draft } from '../../bookings/index.js';
import type { Problem } from '../../common/problem.js';
import type { Event, MovementLine } from '../../events/index.js';
import { capacityInUse } from '../event-edits.problems.js';

/** How a pool gets this capacity; the problem where more is held and sold. */
export function toCapacity(
  event: Event,
  sectionId: string | undefined,
  from: number,
  to: number,
  draft: Draft,
): readonly MovementLine[] | Problem {
  const inUse = from - draft.available(event, sectionId);
  if (to < inUse) return capacityInUse(inUse, to, sectionId);
  if (to === from) return [];
  const kind = to > from ? 'added' : 'removed';
  return [{ kind, sectionId, bookingId: undefined, quantity: Math.abs(to - from) }];
}
