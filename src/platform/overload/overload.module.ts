import { Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { LoadGate } from './load-gate.js';
import { Overload } from './overload.js';

/** A booking takes about 0.4 ms of the event loop, a refusal 0.1 ms: docs/adr/0012-overload.md has what was measured. */
const LIMITS = {
  maxInFlight: 2_500,
  maxInFlightOverloaded: 200,
  maxDelayMs: 250,
  crowdDelayMs: 25,
  crowd: 1_500,
  windowMs: 500,
};

@Module({
  providers: [
    Overload,
    { provide: LoadGate, useFactory: (clock: Clock) => new LoadGate(clock, LIMITS), inject: [Clock] },
  ],
  exports: [Overload],
})
export class OverloadModule {}
