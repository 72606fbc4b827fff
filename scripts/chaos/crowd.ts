import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.js';
import { readCounts } from './box-office.js';
import { Caller } from './caller.js';
import type { Desk } from './desk.js';
import { isOpen } from './history.js';
import { Random } from './random.js';

const OBSERVE_EVERY_MS = 50;
const RESOLVE_TIMEOUT_MS = 60_000;
const RESOLVE_PAUSE_MS = 500;
const RESOLVED_AT_ONCE = 20;

/** Many callers, and somebody who watches the events meanwhile. */
export class Crowd {
  private isStopped = false;
  private readonly callers: readonly Caller[];

  constructor(
    private readonly api: Api,
    private readonly desk: Desk,
    private readonly seed: number,
    size: number,
  ) {
    const isStopped = () => this.isStopped;
    this.callers = Array.from(
      { length: size },
      (_, index) => new Caller(desk, new Random(seed + 1 + index), isStopped, `caller-${index + 1}`),
    );
  }

  /** Returns when all have stopped, and the last answer has come. Throws when one of them can't go on. */
  async run(): Promise<void> {
    await Promise.all([...this.callers.map((caller) => caller.run()), this.watch(new Random(this.seed))]);
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Repeats whatever has no known outcome, for a minute at most. */
  async resolve(): Promise<void> {
    const deadline = performance.now() + RESOLVE_TIMEOUT_MS;
    const { intents, cancellations, holds, waits } = this.desk.history;
    const open = [
      ...intents.map((intent) => ({ attempts: intent.attempts, ask: () => this.desk.book(intent) })),
      ...cancellations.map((one) => ({ attempts: one.attempts, ask: () => this.desk.cancel(one) })),
      ...holds.map((intent) => ({ attempts: intent.attempts, ask: () => this.desk.hold(intent) })),
      ...waits.map((intent) => ({ attempts: intent.attempts, ask: () => this.desk.join(intent) })),
      ...[...holds, ...waits]
        .flatMap(({ steps }) => steps)
        .map((step) => ({ ...step, ask: () => this.desk.take(step) })),
    ].filter(isOpen);
    const work = async () => {
      for (let one = open.pop(); one; one = open.pop()) {
        await one.ask();
        while (isOpen(one) && performance.now() < deadline) {
          await sleep(RESOLVE_PAUSE_MS);
          await one.ask();
        }
      }
    };
    await Promise.all(Array.from({ length: RESOLVED_AT_ONCE }, work));
  }

  /** One after the other, so that what was returned is there for certain when the next one asks, on whichever server. */
  async sellReturned(count: number): Promise<void> {
    const tickets = this.callers.flatMap((caller) => caller.scarce).slice(0, count);
    for (const { intent, bookingId } of tickets) {
      await this.desk.cancel(this.desk.giveBack(bookingId));
      await this.desk.book(this.desk.want(intent.eventId, intent.lines));
    }
    await this.resolve();
  }

  private async watch(random: Random): Promise<void> {
    while (!this.isStopped) {
      const counts = await readCounts(this.api, random.of(this.desk.events).id).catch(() => undefined);
      if (counts) this.desk.observe(counts);
      await sleep(OBSERVE_EVERY_MS);
    }
  }
}
