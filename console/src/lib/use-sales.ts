import { useRef } from 'preact/hooks';
import { Failure, get, queryOf } from './api.js';
import { before, type Curve, joinCurve } from './sales-curve.js';
import type { Operations, Sales, SalesBucket } from './types.js';
import { useFresh } from './use-now.js';
import { usePoll } from './use-poll.js';

const RECENT_SECONDS = 300;
const RECENT_EVERY_MS = 2_000;
/** The whole curve may have many movements: it is read rarely, and what is new comes from the last minutes. */
const WHOLE_EVERY_MS = 120_000;
/** Read again each time: a movement has the time at which its transaction began, which may take some seconds. */
const OVERLAP_SECONDS = 10;
/** A pace of a while ago is none. */
const FRESH_SECONDS = 15;

export interface SalesOverTime {
  /** Since the start; undefined while that is not known. */
  readonly whole: readonly SalesBucket[] | undefined;
  /** The last five minutes, second by second. */
  readonly recent: readonly SalesBucket[];
  readonly readAt: number | undefined;
  /** Whether `recent` is of this moment. */
  readonly isFresh: boolean;
}

/** Reads the curve once, and then only what is new: the movements of a rush are many. */
export function useSales(eventId: string): SalesOverTime {
  const path = `/events/${eventId}/sales`;
  const known = useRef<SalesBucket[]>([]);
  // The server's clock decides what five minutes ago was.
  const now = async (signal: AbortSignal) => (await get<Operations>(`/operations?eventId=${eventId}`, signal)).at;
  const readWhole = async (signal: AbortSignal): Promise<Curve> => {
    const to = before(await now(signal), OVERLAP_SECONDS);
    return get<Sales>(path + queryOf({ to }), signal).catch(onRefusal({ to: '', buckets: [] }));
  };
  const readRecent = async (signal: AbortSignal) => {
    const last = known.current.at(-1)?.at;
    const from = last === undefined ? before(await now(signal), RECENT_SECONDS) : before(last, OVERLAP_SECONDS);
    const { buckets } = await get<Sales>(path + queryOf({ from, step: '1' }), signal).catch(onRefusal({ buckets: [] }));
    // After a long sleep the gap is too large: start again.
    const kept = buckets.length === 0 ? [] : known.current.filter(({ at }) => at <= from);
    known.current = [...kept, ...buckets].slice(-RECENT_SECONDS);
    return known.current;
  };
  const whole = usePoll(readWhole, WHOLE_EVERY_MS, path);
  const recent = usePoll(readRecent, RECENT_EVERY_MS, `${path} recent`);
  const isFresh = useFresh(recent.readAt, FRESH_SECONDS);
  const seconds = recent.value ?? [];
  return { whole: whole.value && joinCurve(whole.value, seconds), recent: seconds, readAt: recent.readAt, isFresh };
}

/** An event that was made a moment ago has no past, and a gap may be too large for its buckets: the server refuses both. */
function onRefusal<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof Failure && error.problem?.status === 400) return value;
    throw error;
  };
}
