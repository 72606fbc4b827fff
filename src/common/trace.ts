/** The place of a sampled span in its trace, as W3C Trace Context writes it. Plain data: it crosses processes. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** What a request is called in log lines. Where its trace is not sampled, it has no span. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId?: string;
}

/** Contains no user, no key and no name: readers of traces do not need them. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work, with its beginning and its end. */
export interface Span {
  readonly ids: SpanIds;
  /** For the spans below it; undefined where the trace is not sampled: then all methods do nothing. */
  readonly context: TraceContext | undefined;
  set(attributes: SpanAttributes): void;
  link(to: TraceContext): void;
  /** `error` is the kind of error with which the work has failed; undefined where it has not. */
  end(error?: string): void;
}

/** The attribute that has the code of a problem. */
export const PROBLEM_CODE = 'ticket_booking.problem.code';

/** Says whether the client of a request has disconnected. Carries the trace of the request, where that is sampled. */
export interface HasDisconnected {
  (): boolean;
  readonly trace?: TraceContext;
}
