const SMALLEST_SHARE = 1 / 500;
const EVENTS_MAX = 1_000;
const COMMIT_MAX_MS = 50;

/**
 * How much of a transaction each event may take, learnt from conflicts with other servers. A transaction that loses a race
 * for one event has to run again with all of its events. So an event's share grows with each race lost: at least doubled,
 * until the event is alone in its transaction. It shrinks with each race won.
 */
export class BatchShares {
  private readonly shares = new Map<string, number>();
  private commitMs = 5;

  /** The event's share of a transaction; 1 is all of it. */
  shareOf(eventId: string): number {
    return this.shares.get(eventId) ?? SMALLEST_SHARE;
  }

  /** Records a committed transaction of these events. Returns for how many milliseconds they should pause. */
  won(eventIds: readonly string[], tookMs: number): number {
    this.commitMs += (Math.min(tookMs, COMMIT_MAX_MS) - this.commitMs) / 8;
    const isAlone = eventIds.length === 1 && eventIds.every((id) => this.shareOf(id) > 1 / 2);
    for (const id of eventIds) {
      if (this.shares.has(id)) this.put(id, this.shareOf(id) / 1.5);
    }
    // Usually longer than the loser's pause, so the loser goes next.
    return isAlone ? this.aboutMs(2) : 0;
  }

  /** Records a transaction that has lost a race. Returns for how many milliseconds its events should pause. */
  lost(eventIds: readonly string[]): number {
    const share = 1 / Math.ceil(eventIds.length / 2);
    for (const id of eventIds) this.put(id, Math.min(1, Math.max(share, 2 * this.shareOf(id))));
    return this.aboutMs(1);
  }

  private aboutMs(commits: number): number {
    return commits * this.commitMs * (0.5 + Math.random());
  }

  private put(eventId: string, share: number): void {
    this.shares.delete(eventId);
    if (share > SMALLEST_SHARE) this.shares.set(eventId, share);
    for (const oldest of this.shares.keys()) {
      if (this.shares.size <= EVENTS_MAX) break;
      this.shares.delete(oldest);
    }
  }
}
