/** Where progress is written: a terminal, a pipe or a log. */
export interface ProgressOutput {
  write(text: string): unknown;
  /** The width of a terminal; 0 if it does not know. */
  readonly columns?: number | undefined;
}

/** `redrawn` in place, for a terminal; `lines`, now and then, for what is read later; `quiet`: only what is said. */
export type ProgressStyle = 'redrawn' | 'lines' | 'quiet';

interface Step {
  readonly what: string;
  readonly total: number | undefined;
  readonly startedAt: number;
  done: number;
  detail: string;
}

const REDRAW_MS = 100;
const LINE_MS = 5_000;
const TICK_MS = 1_000;
const COLUMNS = 80;
const CLEAR = '\r\x1b[K';

/** Shows how far a long work is: what is done, of how much, for how long, and how long it may still take. */
export class Progress {
  private step: Step | undefined;
  private shownAt = 0;
  private isDrawn = false;

  /** `now`: milliseconds of a monotonic clock. */
  constructor(
    private readonly output: ProgressOutput,
    private readonly style: ProgressStyle,
    private readonly now: () => number,
  ) {}

  /** Shows it on stderr, so that stdout has results only: redrawn in a terminal, else as lines; quiet with `CI=true`. */
  static onStderr(environment: Readonly<Record<string, string | undefined>>): Progress {
    const style = environment['CI'] === 'true' ? 'quiet' : process.stderr.isTTY ? 'redrawn' : 'lines';
    const progress = new Progress(process.stderr, style, () => performance.now());
    // The time goes on while nothing else does.
    if (style !== 'quiet') setInterval(() => progress.tick(), TICK_MS).unref();
    return progress;
  }

  /** Begins a step, and ends the one before. `total`: how much is to be done, if that is known. */
  begin(what: string, total?: number): void {
    this.end();
    this.step = { what, total, startedAt: this.now(), done: 0, detail: '' };
    this.shownAt = this.now();
    if (this.style === 'redrawn') this.show();
  }

  /** Says what is done at the moment. */
  doing(detail: string): void {
    if (!this.step) return;
    this.step.detail = detail;
    this.show();
  }

  /** Counts what is done. */
  add(count = 1): void {
    if (!this.step) return;
    this.step.done += count;
    this.tick();
  }

  /** Shows how far it is, if that was last shown some time ago. */
  tick(): void {
    const everyMs = this.style === 'redrawn' ? REDRAW_MS : LINE_MS;
    if (this.step && this.now() - this.shownAt >= everyMs) this.show();
  }

  /** Writes a line that stays, in every style: a warning, for example. */
  say(line: string): void {
    this.clear();
    this.output.write(`${line}\n`);
    if (this.style === 'redrawn') this.show();
  }

  /** Ends the step: clears its line, or writes the last figure if anything was done. To be called before other output. */
  end(): void {
    this.clear();
    if (this.step && this.step.done > 0 && this.style === 'lines') {
      this.step.detail = '';
      this.show();
    }
    this.step = undefined;
  }

  private show(): void {
    if (!this.step || this.style === 'quiet') return;
    this.shownAt = this.now();
    const text = describe(this.step, this.shownAt);
    if (this.style === 'lines') return void this.output.write(`${text}\n`);
    // A line that breaks could not be cleared.
    const width = (this.output.columns || COLUMNS) - 1;
    this.output.write(CLEAR + (text.length > width ? `${text.slice(0, width - 1)}…` : text));
    this.isDrawn = true;
  }

  private clear(): void {
    if (this.isDrawn) this.output.write(CLEAR);
    this.isDrawn = false;
  }
}

function describe({ what, total, startedAt, done, detail }: Step, now: number): string {
  const elapsedMs = now - startedAt;
  const parts = [total === undefined && done === 0 ? what : `${what}: ${figures(done, total)}`, duration(elapsedMs)];
  if (total !== undefined && done > 0 && done < total) {
    parts.push(`about ${duration((elapsedMs / done) * (total - done))} left`);
  }
  return parts.join(', ') + (detail === '' ? '' : ` – ${detail}`);
}

function figures(done: number, total: number | undefined): string {
  if (total === undefined) return figure(done);
  // A total may be an estimate, or have grown.
  const all = Math.max(total, done);
  return `${figure(done)} of ${figure(all)} (${all === 0 ? 100 : Math.floor((100 * done) / all)} %)`;
}

function figure(value: number): string {
  return value.toLocaleString('en');
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
