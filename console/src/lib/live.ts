import { useEffect, useState } from 'preact/hooks';
import { authorization, Failure, urlOf } from './api.js';
import type { Availability, Problem } from './types.js';

/** The server sends at least a comment every 15 seconds. */
const SILENCE_MS = 20_000;
const RETRY_MS = { min: 500, spread: 1_000 };

/** How the stream is: when something came last, and whether it is open. */
export interface Link {
  readonly isOpen: boolean;
  /** Of the page's clock; undefined before the first message. */
  readonly heardAt: number | undefined;
}

export type States = ReadonlyMap<string, Availability>;

/** Follows the events by one stream, and comes back when it breaks. Returns a function that ends it. */
function follow(eventIds: readonly string[], onStates: (some: Availability[]) => void, onLink: (link: Link) => void) {
  const ending = new AbortController();
  let heardAt: number | undefined;
  void (async () => {
    while (!ending.signal.aborted) {
      await listen(eventIds, ending.signal, (states) => {
        heardAt = performance.now();
        onLink({ isOpen: true, heardAt });
        if (states.length > 0) onStates(states);
      }).catch(() => undefined);
      onLink({ isOpen: false, heardAt });
      await new Promise((done) => setTimeout(done, RETRY_MS.min + Math.random() * RETRY_MS.spread));
    }
  })();
  return () => ending.abort();
}

/** Returns when the stream ends. */
async function listen(eventIds: readonly string[], signal: AbortSignal, heard: (states: Availability[]) => void) {
  const silence = new AbortController();
  const response = await fetch(urlOf(`/availability/stream?eventIds=${eventIds.join(',')}`), {
    headers: authorization(),
    signal: AbortSignal.any([signal, silence.signal]),
  });
  if (!response.ok || !response.body) throw new Failure((await response.json()) as Problem);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const part = await reader.read().finally(() => clearTimeout(timer));
    if (part.done) return;
    const messages = (text + part.value).split('\n\n');
    text = messages.pop() ?? '';
    heard(
      messages.flatMap((message) => {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        return data === undefined ? [] : [JSON.parse(data) as Availability];
      }),
    );
  }
}

/** The newest states of these events, drawn at most once a frame. */
export function useLive(eventIds: readonly string[]): { states: States; link: Link } {
  const [states, setStates] = useState<States>(new Map());
  const [link, setLink] = useState<Link>({ isOpen: false, heardAt: undefined });
  const ids = eventIds.join();
  useEffect(() => {
    if (ids === '') return undefined;
    let pending: Availability[] = [];
    let frame = 0;
    const draw = () => {
      const some = pending;
      pending = [];
      frame = 0;
      setStates((known) => new Map([...known, ...some.map((state) => [state.eventId, state] as const)]));
    };
    const stop = follow(
      ids.split(','),
      (some) => {
        pending.push(...some);
        frame ||= requestAnimationFrame(draw);
      },
      setLink,
    );
    return () => {
      stop();
      cancelAnimationFrame(frame);
      setStates(new Map());
    };
  }, [ids]);
  return { states, link };
}
