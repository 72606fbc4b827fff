import { useEffect, useState } from 'preact/hooks';

/** The page's clock, each second. */
export function useNow(): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Whether something of this moment of the page's clock is still fresh. It is asked again each second. */
export function useFresh(at: number | undefined, seconds: number): boolean {
  const now = useNow();
  return at !== undefined && secondsSince(at, now) <= seconds;
}

export const secondsSince = (at: number, now: number): number => Math.max(0, Math.floor((now - at) / 1_000));
