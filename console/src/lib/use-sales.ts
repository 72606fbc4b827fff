import { useEffect, useRef, useState } from 'preact/hooks';
import { get, queryOf } from './api.js';
import type { Sales, SalesBucket } from './types.js';
import { type Polled, usePoll } from './use-poll.js';

const RECENT_SECONDS = 300;
const RECENT_EVERY_MS = 2_000;
const WHOLE_EVERY_MS = 60_000;
/** The whole curve is read more rarely: it may have many movements. */
export const WHOLE_FRESH_SECONDS = 75;
/** Read again each time: a movement may carry a time of a moment ago. */
const OVERLAP_SECONDS = 3;

export interface SalesOverTime {
  /** Since the start, in at most 500 buckets. */
  readonly whole: Polled<Sales>;
  /** The last five minutes, second by second. */
  readonly recent: readonly SalesBucket[];
  readonly recentReadAt: number | undefined;
}

/** So many seconds before, on a whole second: buckets that are read again stand where they stood. */
function before(iso: string, seconds: number): string {
  return new Date((Math.floor(Date.parse(iso) / 1_000) - seconds) * 1_000).toISOString();
}

/** Reads the curve once, and then only what is new: the movements of a rush are many. */
export function useSales(eventId: string): SalesOverTime {
  const path = `/events/${eventId}/sales`;
  const whole = usePoll((signal) => get<Sales>(path, signal), WHOLE_EVERY_MS, path);
  const known = useRef<SalesBucket[]>([]);
  const [, drawn] = useState(0);
  useEffect(() => {
    known.current = [];
    drawn((times) => times + 1);
  }, [eventId]);
  const readRecent = async (signal: AbortSignal) => {
    const last = known.current.at(-1)?.at;
    // The server's clock decides what five minutes ago was.
    const now = last ?? (await get<Sales>(path + queryOf({ step: '86400' }), signal)).to;
    const from = before(now, last === undefined ? RECENT_SECONDS : OVERLAP_SECONDS);
    const { buckets } = await get<Sales>(path + queryOf({ from, step: '1' }), signal);
    known.current = [...known.current.filter(({ at }) => at <= from), ...buckets].slice(-RECENT_SECONDS);
    return known.current;
  };
  const recent = usePoll(readRecent, RECENT_EVERY_MS, `${path} recent`);
  return { whole, recent: recent.value ?? [], recentReadAt: recent.readAt };
}

/** Tickets sold a second in the last so many seconds, less what was cancelled. */
export function paceOf(recent: readonly SalesBucket[], seconds: number): number {
  const part = recent.slice(-seconds);
  const sold = part.reduce((sum, { booked, confirmed, cancelled }) => sum + booked + confirmed - cancelled, 0);
  return part.length === 0 ? 0 : sold / part.length;
}
