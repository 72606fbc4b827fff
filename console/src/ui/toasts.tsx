import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isFault: boolean;
}

const SHOWN_MS = 8_000;
let lastId = 0;
let push: (toast: Toast) => void = () => undefined;

/** Says what happened, in words. */
export function say(text: string, isFault = false): void {
  push({ id: ++lastId, text, isFault });
}

/** What was said in the last seconds; a screen reader reads it out. */
export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const drop = (id: number) => setToasts((known) => known.filter((toast) => toast.id !== id));
  useEffect(() => {
    push = (toast) => {
      setToasts((known) => [...known.slice(-3), toast]);
      if (!toast.isFault) setTimeout(() => drop(toast.id), SHOWN_MS);
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, isFault }) => (
        <div key={id} class={isFault ? 'toast fault' : 'toast'}>
          <Icon name={isFault ? 'alert' : 'check'} />
          <p>{text}</p>
          <button type="button" class="quiet square" aria-label="Dismiss" onClick={() => drop(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
