import type { Span, SpanAttributes, TraceContext } from '../../common/trace.js';

/** What tells how a span stands to those of other processes: it serves a call, makes one, or neither. */
export type SpanKind = 'server' | 'client' | 'internal';

export interface NewSpan {
  readonly name: string;
  readonly attributes: SpanAttributes;
}

/** Starts spans. The rest of the product knows no other interface of tracing. */
export abstract class Tracing {
  /** False: every span is empty. */
  abstract readonly isOn: boolean;

  /**
   * Starts the span of a request. It belongs to the trace that the headers name; without one, to a new trace. `describe` is
   * called where that is sampled.
   */
  abstract serve(headers: object, describe: () => NewSpan): Span;

  /** Starts a span below one that is sampled, of this server or of another one. */
  abstract start(parent: TraceContext, kind: SpanKind, span: NewSpan): Span;

  /** Starts the span of what is done for several at once. It has a trace of its own, and links to each of them. */
  abstract startShared(members: readonly Linked[], span: NewSpan): Span;
}

/** What a span links to, and what is said of it there. */
export interface Linked {
  readonly context: TraceContext;
  readonly attributes: SpanAttributes;
}

const EMPTY: Span = {
  ids: { traceId: '' },
  context: undefined,
  set: () => undefined,
  link: () => undefined,
  end: () => undefined,
};

/** Traces nothing. */
export class NoTracing extends Tracing {
  readonly isOn = false;

  serve(): Span {
    return EMPTY;
  }

  start(): Span {
    return EMPTY;
  }

  startShared(): Span {
    return EMPTY;
  }
}
