import type { TestingModuleBuilder } from '@nestjs/testing';
import { Clock, SystemClock } from '../../src/common/clock.js';
import type { RunningApp } from './start-app.js';

/** The wall clock of all instances of a test, which can skip time: what ends then ends in the midst of a race. */
export class SkippingClock extends SystemClock {
  private skippedMs = 0;

  static of({ app }: RunningApp): SkippingClock {
    return app.get<SkippingClock>(Clock);
  }

  override now(): Date {
    return new Date(Date.now() + this.skippedMs);
  }

  skip(seconds: number): void {
    this.skippedMs += seconds * 1_000;
  }
}

/** The product with a clock that skips. A second instance started with the same override shares it. */
export function withSkippingClock(): (builder: TestingModuleBuilder) => TestingModuleBuilder {
  const clock = new SkippingClock();
  return (builder) => builder.overrideProvider(Clock).useValue(clock);
}
