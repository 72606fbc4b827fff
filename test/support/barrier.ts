import { setTimeout as sleep } from 'node:timers/promises';

/** More than any race has tickets. */
const CROWD = 200;
/** Turns, not time: a machine that is busy takes longer for a turn, and for the next one to arrive. */
const QUIET_TURNS = 20;
const TURN_MS = 10;

/** Holds everybody who arrives until a crowd is there, or until nobody else arrives: they go on together. */
export class Barrier {
  private waiting = 0;
  private opening: Promise<void> | undefined;

  wait(): Promise<void> {
    this.waiting += 1;
    return (this.opening ??= this.open());
  }

  private async open(): Promise<void> {
    for (let seen = 0, quiet = 0; quiet < QUIET_TURNS && this.waiting < CROWD;) {
      await sleep(TURN_MS);
      quiet = seen === this.waiting ? quiet + 1 : 0;
      seen = this.waiting;
    }
    this.waiting = 0;
    this.opening = undefined;
  }
}
