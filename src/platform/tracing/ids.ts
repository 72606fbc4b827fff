import { randomFillSync } from 'node:crypto';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

/** Makes ids at random. A trace can have an id that was made before it: whether it is sampled depends on the id. */
export class Ids implements IdGenerator {
  /** Random bytes are made many at a time: every request needs an id, sampled or not. */
  private readonly pool = Buffer.alloc(256 * TRACE_BYTES);
  private used = this.pool.length;
  /** Of the trace that is begun next. */
  next: string | undefined;

  generateTraceId(): string {
    const id = this.next ?? this.random(TRACE_BYTES);
    this.next = undefined;
    return id;
  }

  generateSpanId(): string {
    return this.random(SPAN_BYTES);
  }

  private random(bytes: number): string {
    if (this.used + bytes > this.pool.length) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    this.used += bytes;
    return this.pool.toString('hex', this.used - bytes, this.used);
  }
}
