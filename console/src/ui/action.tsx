import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from '../lib/api.js';
import { Dialog } from './dialog.js';
import { say } from './toasts.js';

/** The words for what went wrong. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Failure)) return `The page has failed: ${String(error)}`;
  if (error.problem?.code === 'idempotency_key_reused') {
    return 'The first try may have been carried out, with the values that it had. Look at the result before you try again.';
  }
  const reasons = error.problem?.errors?.map(({ message }) => message) ?? [];
  return [error.message, ...reasons].join(' ');
}

/** Runs an action, once at a time. It returns what to say. */
export function useAction(): {
  isBusy: boolean;
  fault: string | undefined;
  run: (act: () => Promise<string>) => Promise<boolean>;
} {
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const run = async (act: () => Promise<string>) => {
    setBusy(true);
    setFault(undefined);
    try {
      say(await act());
      return true;
    } catch (error) {
      setFault(wordsOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, fault, run };
}

export function Fault({ text }: { text: string | undefined }) {
  return (
    <p class="fault-text" role="alert">
      {text}
    </p>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What the button does, as a verb. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** Whether a field of it has the focus first. */
  readonly hasField?: boolean;
  /** Whether there is something to do. */
  readonly isReady?: boolean;
  readonly act: () => Promise<string>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before it acts, and says what the action does. */
export function Confirm({
  title,
  verb,
  isDangerous = false,
  hasField = false,
  isReady = true,
  act,
  onClose,
  children,
}: ConfirmProps) {
  const { isBusy, fault, run } = useAction();
  // What is under way can't be taken back, and how it ends is said here.
  const close = () => isBusy || onClose();
  return (
    <Dialog title={title} onClose={close}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void run(act).then((isDone) => isDone && onClose());
        }}
      >
        <div class="body">{children}</div>
        <Fault text={fault} />
        <footer>
          <button type="button" class="quiet" disabled={isBusy} autofocus={isDangerous} onClick={close}>
            Not now
          </button>
          <button
            type="submit"
            class={isDangerous ? 'danger' : 'primary'}
            disabled={isBusy || !isReady}
            autofocus={!isDangerous && !hasField}
          >
            {isBusy ? 'Working…' : verb}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
