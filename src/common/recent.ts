import type { Clock } from './clock.js';

/** How many whole seconds are remembered. */
export const RECENT_SECONDS = 5;

interface Slot<Value> {
  readonly second: number;
  readonly value: Value;
}

/** One value for each of the last seconds, of the monotonic clock. Seconds in which nothing happened have none. */
export class Recent<Value> {
  private readonly slots: Slot<Value>[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly create: () => Value,
  ) {}

  /** The value of the second that is passing. */
  get current(): Value {
    const second = this.second;
    const last = this.slots.at(-1);
    if (last?.second === second) return last.value;
    const slot = { second, value: this.create() };
    this.slots.push(slot);
    this.drop(second);
    return slot.value;
  }

  /** Returns the values of the last whole seconds, oldest first. */
  whole(): Value[] {
    const second = this.second;
    this.drop(second);
    return this.slots.filter((slot) => slot.second < second).map(({ value }) => value);
  }

  private get second(): number {
    return Math.floor(this.clock.monotonic() / 1_000);
  }

  private drop(second: number): void {
    while (this.slots[0] && this.slots[0].second < second - RECENT_SECONDS) this.slots.shift();
  }
}

/** How often something happened in the last whole seconds. */
export class RecentCount {
  private readonly counts: Recent<{ value: number }>;

  constructor(clock: Clock) {
    this.counts = new Recent(clock, () => ({ value: 0 }));
  }

  add(): void {
    this.counts.current.value += 1;
  }

  get total(): number {
    return this.counts.whole().reduce((sum, { value }) => sum + value, 0);
  }
}
