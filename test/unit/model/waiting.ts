import type { Wish } from './model.js';

/** Somebody who waits, or has waited, for tickets of one pool. */
export interface Waiter {
  readonly id: string;
  readonly wish: Wish;
  state: 'waiting' | 'offered' | 'left' | 'over';
}

type Pool = string | undefined;

/** Who waits for an event, in their order, and the tickets that are for nobody else. */
export class Waiting {
  readonly waiters: Waiter[] = [];
  /** By pool, what is kept for them beyond the commit. */
  readonly reserved = new Map<Pool, number>();
  /** By pool, how many were passed over when it was kept: they do not get it. */
  private readonly passed = new Map<Pool, number>();
  /** By pool, what has become free in this commit. */
  private readonly freed = new Map<Pool, number>();

  find(id: string): Waiter | undefined {
    return this.waiters.find((one) => one.id === id);
  }

  get count(): number {
    return this.waiters.filter(({ state }) => state === 'waiting').length;
  }

  /** Whether nothing that becomes free is for anybody here. */
  get isIdle(): boolean {
    return this.count === 0 && this.reserved.size === 0;
  }

  kept(pool: Pool): number {
    return (this.reserved.get(pool) ?? 0) + (this.freed.get(pool) ?? 0);
  }

  keep(pool: Pool, quantity: number): void {
    if (quantity > 0) this.freed.set(pool, (this.freed.get(pool) ?? 0) + quantity);
  }

  /**
   * Those who get what became free, the first that fits each time: one of the event's `pools` after the other. `stopsAfter` says of which number the commit did not
   * know more: what is left then is kept for the others.
   */
  handOver(
    pools: readonly Pool[],
    stopsAfter: (pool: Pool) => number | undefined,
    isAllowed: (waiter: Waiter) => boolean,
    give: (waiter: Waiter) => void,
  ): Waiter[] {
    const offered: Waiter[] = [];
    for (const pool of pools) {
      if (!this.reserved.has(pool) && !this.freed.has(pool)) continue;
      const first = this.freed.has(pool) ? 0 : (this.passed.get(pool) ?? 0);
      const stop = stopsAfter(pool);
      let left = this.kept(pool);
      for (const waiter of this.waiters.slice(first, stop)) {
        const { sectionId, quantity } = waiter.wish.lines[0]!;
        if (waiter.state !== 'waiting' || sectionId !== pool || quantity > left || !isAllowed(waiter)) continue;
        left -= quantity;
        waiter.state = 'offered';
        give(waiter);
        offered.push(waiter);
      }
      this.reserved.delete(pool);
      if (stop === undefined) continue;
      this.reserved.set(pool, left);
      this.passed.set(pool, stop);
    }
    this.freed.clear();
    return offered;
  }

  /** Nothing is sold: what became free is kept until something is. */
  reserve(): void {
    for (const [pool, quantity] of this.freed) {
      this.reserved.set(pool, (this.reserved.get(pool) ?? 0) + quantity);
      this.passed.delete(pool);
    }
    this.freed.clear();
  }

  /** Nobody waits, or nothing will be sold any more. */
  end(): void {
    for (const waiter of this.waiters) if (waiter.state === 'waiting') waiter.state = 'over';
    this.reserved.clear();
    this.freed.clear();
  }
}
