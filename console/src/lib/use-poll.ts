import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from './api.js';

/** What was read last, and when, of the page's clock. It stays while reading fails. */
export interface Polled<Value> {
  readonly value: Value | undefined;
  readonly readAt: number | undefined;
  readonly failure: Failure | undefined;
  /** Reads again now. */
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
    let isReading = false;
    const turn = async () => {
      clearTimeout(timer);
      if (isReading) return;
      isReading = true;
      if (!document.hidden) {
        await latest.current(ending.signal).then(
          (value) => {
            if (!ending.signal.aborted) setState({ value, readAt: performance.now(), failure: undefined });
          },
          (error: unknown) => {
            if (ending.signal.aborted) return;
            setState((known) => ({ ...known, failure: error instanceof Failure ? error : new Failure(undefined) }));
          },
        );
      }
      isReading = false;
      if (!ending.signal.aborted) timer = setTimeout(() => void turn(), ms);
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
