import { useEffect, useRef, useState } from 'preact/hooks';
import { get, queryOf } from './api.js';
import type { Operations, Sales, SalesBucket } from './types.js';
import { usePoll } from './use-poll.js';

const RECENT_SECONDS = 300;
const RECENT_EVERY_MS = 2_000;
/** The whole curve may have many movements: it is read rarely, and what is new comes from the last minutes. */
const WHOLE_EVERY_MS = 120_000;
/** Read again each time: a movement may carry a time of a moment ago. */
const OVERLAP_SECONDS = 3;

export interface SalesOverTime {
  /** Since the start. */
  readonly whole: readonly SalesBucket[];
  /** The last five minutes, second by second. */
  readonly recent: readonly SalesBucket[];
  readonly readAt: number | undefined;
}

/** So many seconds before, on a whole second: where one reading ends, another one begins. */
function before(iso: string, seconds: number): string {
  return new Date((Math.floor(Date.parse(iso) / 1_000) - seconds) * 1_000).toISOString();
}

/** Reads the curve once, and then only what is new: the movements of a rush are many. */
export function useSales(eventId: string): SalesOverTime {
  const path = `/events/${eventId}/sales`;
  const known = useRef<SalesBucket[]>([]);
  const [, drawn] = useState(0);
  useEffect(() => {
    known.current = [];
    drawn((times) => times + 1);
  }, [eventId]);
  // The server's clock decides what five minutes ago was.
  const now = async (signal: AbortSignal) => (await get<Operations>(`/operations?eventId=${eventId}`, signal)).at;
  const readWhole = async (signal: AbortSignal) =>
    get<Sales>(path + queryOf({ to: before(await now(signal), 0) }), signal);
  const readRecent = async (signal: AbortSignal) => {
    const last = known.current.at(-1)?.at;
    const from = last === undefined ? before(await now(signal), RECENT_SECONDS) : before(last, OVERLAP_SECONDS);
    const { buckets } = await get<Sales>(path + queryOf({ from, step: '1' }), signal);
    known.current = [...known.current.filter(({ at }) => at <= from), ...buckets].slice(-RECENT_SECONDS);
    return known.current;
  };
  const whole = usePoll(readWhole, WHOLE_EVERY_MS, path);
  const recent = usePoll(readRecent, RECENT_EVERY_MS, `${path} recent`);
  const later = (recent.value ?? []).filter(({ at }) => at > (whole.value?.to ?? ''));
  return {
    whole: whole.value ? [...whole.value.buckets, ...later] : [],
    recent: recent.value ?? [],
    readAt: recent.readAt,
  };
}

/** Tickets sold a second in the last so many seconds, less what was cancelled. */
export function paceOf(recent: readonly SalesBucket[], seconds: number): number {
  const part = recent.slice(-seconds);
  const sold = part.reduce((sum, { booked, confirmed, cancelled }) => sum + booked + confirmed - cancelled, 0);
  return part.length === 0 ? 0 : sold / part.length;
}
