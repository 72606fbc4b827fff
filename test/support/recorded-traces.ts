import type { Span, SpanAttributes, TraceContext } from '../../src/common/trace.js';
import { type Linked, type NewSpan, Tracing } from '../../src/platform/tracing/index.js';

export interface RecordedSpan {
  readonly name: string;
  /** Undefined for a span that is the first of its trace. */
  readonly parent: string | undefined;
  readonly kind: string;
  readonly attributes: Record<string, string | number | boolean>;
  readonly links: string[];
  readonly traceparent: string;
  error: string | undefined;
  /** How often it was ended. */
  ends: number;
}

/** Keeps all spans, as they began. */
export class RecordedTraces extends Tracing {
  readonly isOn = true;
  readonly spans: RecordedSpan[] = [];

  serve(_headers: object, describe: () => NewSpan): Span {
    return this.record(undefined, 'server', describe(), []);
  }

  start(parent: TraceContext, kind: string, span: NewSpan): Span {
    return this.record(parent.traceparent, kind, span, []);
  }

  startShared(members: readonly Linked[], span: NewSpan): Span {
    const links = members.map(({ context }) => context.traceparent);
    return this.record(undefined, 'internal', span, links);
  }

  /** The names of the spans, each with what became of it. */
  story(): string[] {
    return this.spans.map(({ name, attributes, error }) => {
      const result = attributes['ticket_booking.transaction.result'] ?? attributes['ticket_booking.problem.code'];
      return [name, result, error && `failed: ${error}`].filter(Boolean).join(', ');
    });
  }

  find(name: string): RecordedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  private record(parent: string | undefined, kind: string, { name, attributes }: NewSpan, links: string[]): Span {
    const traceparent = `span ${this.spans.length + 1}`;
    const span: RecordedSpan = {
      ...{ name, parent, kind, links, traceparent },
      ...{ attributes: { ...attributes }, error: undefined, ends: 0 },
    };
    this.spans.push(span);
    return {
      ids: { traceId: '' },
      context: { traceparent },
      set: (more: SpanAttributes) => void Object.assign(span.attributes, more),
      link: (to) => void links.push(to.traceparent),
      end: (error) => {
        span.error = error;
        span.ends += 1;
      },
    };
  }
}
