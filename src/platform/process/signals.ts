import { constants } from 'node:os';

/** What asks the server to drain and end: a supervisor, Ctrl-C, a closed terminal, Ctrl-\. */
export const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/** Under `npm start` one Ctrl-C comes twice within milliseconds: from the terminal, and passed on by npm. */
const SAME_CTRL_C_MS = 250;

/** Ends the process at the second signal, without a drain: its sender does not want to wait any longer. */
export function endAtSecondSignal(): void {
  let first: { readonly signal: string; readonly at: number } | undefined;
  for (const signal of SHUTDOWN_SIGNALS) {
    process.on(signal, () => {
      const at = performance.now();
      if (!first) return void (first = { signal, at });
      const isSameCtrlC = signal === 'SIGINT' && first.signal === signal && at - first.at < SAME_CTRL_C_MS;
      if (!isSameCtrlC) process.exit(128 + constants.signals[signal]);
    });
  }
}
