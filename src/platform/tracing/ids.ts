import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace-base';

/** Makes ids at random. A trace can have an id that was made before it: whether it is sampled depends on the id. */
export class Ids implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  /** Of the trace that is begun next. */
  next: string | undefined;

  generateTraceId(): string {
    const id = this.next ?? this.random.generateTraceId();
    this.next = undefined;
    return id;
  }

  generateSpanId(): string {
    return this.random.generateSpanId();
  }
}
