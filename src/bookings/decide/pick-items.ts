import type { Problem } from '../../common/problem.js';
import { type BookingItem, type Line, sumByPool } from '../booking.js';
import { notEnoughLeft, sectionNotFound, sectionRequired } from '../bookings.problems.js';

/**
 * The items that `lines` name, in these quantities; the problem where one has less than that left. A line without a
 * section means the only item.
 */
export function pickItems(
  items: readonly BookingItem[],
  lines: readonly Line[],
  eventId: string,
  left: (item: BookingItem) => number = ({ quantity }) => quantity,
): readonly BookingItem[] | Problem {
  const [only, ...others] = items;
  const named = lines.map(({ sectionId, quantity }) => {
    return { sectionId: sectionId ?? (others.length === 0 ? only?.sectionId : undefined), quantity };
  });
  const picked: BookingItem[] = [];
  for (const { sectionId, quantity } of sumByPool(named)) {
    const item = items.find((each) => each.sectionId === sectionId);
    if (!item) return sectionId === undefined ? sectionRequired() : sectionNotFound(sectionId, eventId);
    if (left(item) < quantity) return notEnoughLeft(left(item), quantity, sectionId);
    picked.push({ ...item, quantity });
  }
  return picked;
}
