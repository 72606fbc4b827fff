import type { Instant } from '../common/clock.js';
import type { Event } from '../events/index.js';

/** Whether an event sells now, may sell later, or has sold. */
export type Sale = 'open' | 'closed' | 'over';

export function saleOf({ status, salesStartAt, salesEndAt }: Event, now: Instant): Sale {
  if (status === 'ended' || status === 'cancelled') return 'over';
  if (salesEndAt !== undefined && now >= salesEndAt) return 'over';
  return status === 'on_sale' && (salesStartAt === undefined || now >= salesStartAt) ? 'open' : 'closed';
}
