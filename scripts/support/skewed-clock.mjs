/** Preloaded with `node --import`: a process whose clock is off by CLOCK_SKEW_MS, and jumps by ten minutes at SIGUSR2. */
const JUMP_MS = 600_000;

let skewMs = Number(process.env.CLOCK_SKEW_MS);
process.on('SIGUSR2', () => {
  skewMs += JUMP_MS;
  console.error('The clock jumps.');
});

const { now } = Date;
Date.now = () => now() + skewMs;
// A proxy, so that dates of both are of one class.
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [target.now()], newTarget),
});
Date.prototype.constructor = Date;
