import { type Context, ROOT_CONTEXT, type SpanContext, type TextMapGetter, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { TraceContext } from '../../common/trace.js';

const W3C = new W3CTraceContextPropagator();
const BY_NAME: TextMapGetter<object> = {
  keys: (carrier) => Object.keys(carrier),
  get: (carrier, name) => (carrier as Record<string, string | undefined>)[name],
};

/** What `traceparent` and `tracestate` name, for the SDK; the root where they are not there, or malformed. */
export function toContext(carrier: object): Context {
  return 'traceparent' in carrier ? W3C.extract(ROOT_CONTEXT, carrier, BY_NAME) : ROOT_CONTEXT;
}

/** Undefined where it is malformed. */
export function toSpanContext(context: TraceContext): SpanContext | undefined {
  return trace.getSpanContext(toContext(context));
}

export function toTraceContext({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-0${traceFlags.toString(16)}`;
  const tracestate = traceState?.serialize() ?? '';
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}
