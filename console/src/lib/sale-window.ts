import type { TicketEvent } from './types.js';

/** When the sale opens, if that is later, or when its window ended; neither while it is open. */
export function outsideWindow({ salesStartAt, salesEndAt }: TicketEvent): { opensAt?: string; endedAt?: string } {
  const now = new Date().toISOString();
  if (salesStartAt !== undefined && salesStartAt > now) return { opensAt: salesStartAt };
  return salesEndAt !== undefined && salesEndAt <= now ? { endedAt: salesEndAt } : {};
}
