import { setTimeout as sleep } from 'node:timers/promises';

/** Turns, not time: a machine that is busy takes longer for a turn, and for the next one to arrive. */
const QUIET_TURNS = 20;
const TURN_MS = 10;

/** Holds everybody who arrives until nobody else does: they go on together. */
export class Barrier {
  private arrived = 0;
  private opening: Promise<void> | undefined;

  wait(): Promise<void> {
    this.arrived += 1;
    return (this.opening ??= this.open());
  }

  private async open(): Promise<void> {
    for (let seen = 0, quiet = 0; quiet < QUIET_TURNS; quiet = seen === this.arrived ? quiet + 1 : 0) {
      seen = this.arrived;
      await sleep(TURN_MS);
    }
    this.opening = undefined;
  }
}
