import type { SalesBucket } from './types.js';

/** The part of an answer that a curve needs. */
export interface Curve {
  /** The end of its last bucket; empty where it has none. */
  readonly to: string;
  readonly buckets: readonly SalesBucket[];
}

/** So many seconds before, on a whole second: where one reading ends, another one begins. */
export function before(iso: string, seconds: number): string {
  return new Date((Math.floor(Date.parse(iso) / 1_000) - seconds) * 1_000).toISOString();
}

/** The curve with the seconds after it; undefined where there is a gap between them. */
export function joinCurve({ to, buckets }: Curve, recent: readonly SalesBucket[]): SalesBucket[] | undefined {
  const [first] = recent;
  if (first && to !== '' && Date.parse(first.at) - Date.parse(to) > 1_000) return undefined;
  return [...buckets, ...recent.filter(({ at }) => at > to)];
}

/** Tickets sold a second in the last so many seconds, or since the first of them, less what was cancelled. */
export function paceOf(recent: readonly SalesBucket[], seconds: number): number {
  // The second that is passing is not over.
  const sold = recent.slice(-1 - seconds, -1).map(({ booked, confirmed, cancelled }) => booked + confirmed - cancelled);
  const first = sold.findIndex((tickets) => tickets !== 0);
  if (first < 0) return 0;
  return sold.reduce((sum, tickets) => sum + tickets, 0) / Math.max(2, sold.length - first);
}
