const SMALLEST_SHARE = 1 / 500;
const EVENTS_MAX = 1_000;
const COMMIT_MAX_MS = 50;

/**
 * What this process has learnt of others that write the same events. A transaction that loses a race for one event has
 * to begin again with all of them, so each event takes a share of its transaction: next to nothing as a rule; after a
 * lost race so much that half of them fit, at least twice as much as before, until it goes alone; less with each race won.
 */
export class BatchShares {
  private readonly shares = new Map<string, number>();
  private commitMs = 5;

  /** How much of a transaction the event takes, 1 being all of it. */
  shareOf(eventId: string): number {
    return this.shares.get(eventId) ?? SMALLEST_SHARE;
  }

  /** Takes note of a transaction of these events, and returns for how many milliseconds to leave them to others. */
  won(eventIds: readonly string[], tookMs: number): number {
    this.commitMs += (Math.min(tookMs, COMMIT_MAX_MS) - this.commitMs) / 8;
    const isAlone = eventIds.length === 1 && eventIds.every((id) => this.shareOf(id) > 1 / 2);
    for (const id of eventIds) {
      if (this.shares.has(id)) this.put(id, this.shareOf(id) / 1.5);
    }
    // As a rule longer than who has lost, so that he is next.
    return isAlone ? this.aboutMs(2) : 0;
  }

  /** As `won`, for a transaction that has lost. */
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
