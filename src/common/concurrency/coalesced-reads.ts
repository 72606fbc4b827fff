import type { Clock } from '../clock.js';

/** Reads many things at once: those that exist, by id. */
export type ReadMany<Value> = (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

interface Round<Value> {
  readonly ids: Set<string>;
  readonly result: Promise<ReadonlyMap<string, Value>>;
  start(): void;
}

/** A read that takes longer is left to itself: its answer may never come. */
const PATIENCE_MS = 250;

/**
 * One read at a time, for all who have asked since the last one began: a thousand callers who want to know the same
 * cost as much as one. Every answer is read after its question was asked.
 */
export class CoalescedReads<Value> {
  private isReading = false;
  private next: Round<Value> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly readMany: ReadMany<Value>,
  ) {}

  /** Those of `ids` that exist, and maybe others, as they are at some moment after this call. Throws what the read throws. */
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
