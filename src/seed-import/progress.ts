/** What the takeover says while it works. */
export interface ImportLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

const EVERY = 10_000;

/** Says how far a long work is: now and then, not for each document. */
export class Progress {
  private done = 0;

  constructor(
    private readonly log: ImportLog,
    private readonly what: string,
  ) {}

  add(count: number): void {
    const before = this.done;
    this.done += count;
    if (Math.floor(this.done / EVERY) > Math.floor(before / EVERY)) this.say();
  }

  /** Says the last figure, where there is any. */
  end(): void {
    if (this.done > 0) this.say();
  }

  private say(): void {
    this.log.info({ count: this.done }, `${this.what}: ${this.done}`);
  }
}
