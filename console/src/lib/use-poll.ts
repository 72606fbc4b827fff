import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from './api.js';

/** A read that hangs does not keep the next one from starting. */
const TIMEOUT_MS = 10_000;
/** After a failure. */
const AGAIN_MS = 5_000;

/** What was read last, and when, of the page's clock. It stays while reading fails. */
export interface Polled<Value> {
  readonly value: Value | undefined;
  readonly readAt: number | undefined;
  readonly failure: Failure | undefined;
  /** Reads again now, or as soon as the read under way has ended. */
  readonly refresh: () => void;
}

/** Reads at once, and again so long after each answer. While the tab is hidden nothing is read. */
export function usePoll<Value>(read: (signal: AbortSignal) => Promise<Value>, ms: number, name: string): Polled<Value> {
  const [state, setState] = useState<Omit<Polled<Value>, 'refresh'>>({
    value: undefined,
    readAt: undefined,
    failure: undefined,
  });
  const latest = useRef(read);
  latest.current = read;
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [isReading, isWanted] = [false, false];
    const readOnce = async (): Promise<boolean> => {
      try {
        const value = await latest.current(AbortSignal.any([ending.signal, AbortSignal.timeout(TIMEOUT_MS)]));
        if (!ending.signal.aborted) setState({ value, readAt: performance.now(), failure: undefined });
        return true;
      } catch (error) {
        const failure = error instanceof Failure ? error : new Failure(undefined, 'The server does not answer.');
        if (!ending.signal.aborted) setState((known) => ({ ...known, failure }));
        return false;
      }
    };
    const turn = async () => {
      clearTimeout(timer);
      isWanted = true;
      if (isReading) return;
      isReading = true;
      let isRead = true;
      while (isWanted && !ending.signal.aborted) {
        isWanted = false;
        if (!document.hidden) isRead = await readOnce();
      }
      isReading = false;
      if (!ending.signal.aborted) timer = setTimeout(() => void turn(), isRead ? ms : Math.min(ms, AGAIN_MS));
    };
    const wake = () => void turn();
    again.current = wake;
    document.addEventListener('visibilitychange', wake);
    void turn();
    return () => {
      ending.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      setState({ value: undefined, readAt: undefined, failure: undefined });
    };
  }, [ms, name]);
  const refresh = useCallback(() => again.current(), []);
  return { ...state, refresh };
}
