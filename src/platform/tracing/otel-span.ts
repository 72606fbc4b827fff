import { type Span as SdkSpan, SpanStatusCode } from '@opentelemetry/api';
import type { Span, SpanAttributes, SpanIds, TraceContext } from '../../common/trace.js';
import { toSpanContext, toTraceContext } from './trace-context.js';

/** A span that is sent. */
export class OtelSpan implements Span {
  readonly ids: SpanIds;
  readonly context: TraceContext;

  constructor(private readonly span: SdkSpan) {
    const context = span.spanContext();
    this.ids = { traceId: context.traceId, spanId: context.spanId };
    this.context = toTraceContext(context);
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  link(to: TraceContext): void {
    const context = toSpanContext(to);
    if (context) this.span.addLink({ context });
  }

  end(error?: string): void {
    if (error !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', error);
    this.span.end();
  }
}

/** In the place of a span, where the trace is not sampled: it has an id for log lines, and nothing else. */
export class UnsampledSpan implements Span {
  readonly context = undefined;

  constructor(readonly ids: SpanIds) {}

  set(): void {}
  link(): void {}
  end(): void {}
}
