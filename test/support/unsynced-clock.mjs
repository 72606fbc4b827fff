import { SystemClock } from '../../dist/common/clock.js';

/** Preloaded with `node --import`: a server that keeps to its own clock, whatever it measures. */
SystemClock.prototype.follow = () => undefined;
