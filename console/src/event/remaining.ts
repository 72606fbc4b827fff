import type { Booking } from '../lib/types.js';

/** The tickets of an item that are not cancelled. */
export const leftOf = ({ quantity, cancelledQuantity = 0 }: Booking['items'][number]): number =>
  quantity - cancelledQuantity;

/** The tickets of a booking that are not cancelled. */
export const remainingOf = ({ items }: Booking): number => items.reduce((sum, item) => sum + leftOf(item), 0);
