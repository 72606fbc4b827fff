import type { Clock } from '../clock.js';

/** Reads many things at once: those that exist, by id. */
export type ReadMany<Value> = (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

interface Round<Value> {
  readonly ids: Set<string>;
  readonly result: Promise<ReadonlyMap<string, Value>>;
  start(): void;
}

/** After this time the next read starts beside one that has not answered yet. */
const PATIENCE_MS = 250;

/**
 * Reads once for all callers that have asked since the last read began: a thousand callers cost as much as one. Every
 * answer was read after its caller asked.
 */
export class CoalescedReads<Value> {
  private isReading = false;
  private next: Round<Value> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly readMany: ReadMany<Value>,
  ) {}

  /** Returns those of `ids` that exist, and maybe others, as they are at some moment after this call. Throws what the read throws. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Value>> {
    const round = (this.next ??= this.plan());
    for (const id of ids) round.ids.add(id);
    this.proceed();
    return round.result;
  }

  private plan(): Round<Value> {
    const ids = new Set<string>();
    let start = () => {};
    const result = new Promise<void>((resolve) => (start = resolve)).then(() => this.readMany([...ids]));
    return { ids, result, start };
  }

  private proceed(): void {
    if (this.isReading || !this.next) return;
    const round = this.next;
    this.next = undefined;
    this.isReading = true;
    round.start();
    let isOver = false;
    const goOn = () => {
      stopTimer();
      if (isOver) return;
      isOver = true;
      this.isReading = false;
      this.proceed();
    };
    const stopTimer = this.clock.after(PATIENCE_MS, goOn);
    round.result.then(goOn, goOn);
  }
}
