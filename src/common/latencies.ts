/** Each bucket reaches a tenth further than the one before. */
const GROWTH = 1.1;

/** Durations in buckets, from which quantiles can be read to within a tenth. */
export class Latencies {
  private readonly counts = new Map<number, number>();
  private total = 0;

  add(milliseconds: number): void {
    this.count(Math.ceil(Math.log(Math.max(1, milliseconds)) / Math.log(GROWTH)), 1);
  }

  addAll(other: Latencies): void {
    for (const [bucket, count] of other.counts) this.count(bucket, count);
  }

  /** Returns the duration in whole milliseconds that this share of all do not exceed; undefined if there are none. */
  quantile(share: number): number | undefined {
    let missing = share * this.total;
    for (const bucket of [...this.counts.keys()].sort((one, other) => one - other)) {
      missing -= this.counts.get(bucket) ?? 0;
      if (missing <= 0) return Math.round(GROWTH ** bucket);
    }
    return undefined;
  }

  private count(bucket: number, count: number): void {
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + count);
    this.total += count;
  }
}
