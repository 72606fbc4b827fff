import { randomUUID } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import { ROOT_CONTEXT, SpanKind as SdkKind, trace, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type Sampler,
  SamplingDecision,
} from '@opentelemetry/sdk-trace-base';
import type { Span, TraceContext } from '../../common/trace.js';
import type { Log } from '../logging/index.js';
import { Ids } from './ids.js';
import { OtelSpan, UnsampledSpan } from './otel-span.js';
import { samplerOf } from './sampler.js';
import { toContext, toSpanContext } from './trace-context.js';
import { type Linked, type NewSpan, type SpanKind, Tracing } from './tracing.js';
import type { TracingConfig } from './tracing.config.js';
import { WatchedExporter } from './watched-exporter.js';

/** As many as a batch can have members. */
const LINKS_MAX = 500;
/** How long the end of the process waits for the last spans. */
const LAST_MS = 1_000;

const KINDS = { server: SdkKind.SERVER, client: SdkKind.CLIENT, internal: SdkKind.INTERNAL };

/** Sends what is sampled to the endpoint, in batches. */
export function createOtelTracing(config: TracingConfig & { readonly otlpEndpoint: string }, log: Log): Tracing {
  const { otlpEndpoint, otlpHeaders, serviceName } = config;
  const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces`, headers: otlpHeaders });
  const service = { 'service.name': serviceName, 'service.instance.id': randomUUID() };
  const ids = new Ids();
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(service)),
    // It is asked for sampled spans only.
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [new BatchSpanProcessor(new WatchedExporter(exporter, log))],
  });
  return new OtelTracing(provider, samplerOf(config), ids);
}

/** Traces with the SDK of OpenTelemetry, and without its globals: what is above a span is passed on. */
class OtelTracing extends Tracing implements OnApplicationShutdown {
  readonly isOn = true;
  private readonly tracer: Tracer;

  constructor(
    private readonly provider: BasicTracerProvider,
    private readonly sampler: Sampler,
    private readonly ids: Ids,
  ) {
    super();
    this.tracer = provider.getTracer('ticket-booking');
  }

  serve(headers: object, describe: () => NewSpan): Span {
    const parent = toContext(headers);
    const traceId = trace.getSpanContext(parent)?.traceId ?? this.ids.generateTraceId();
    // Before the SDK is asked: it takes several times longer to make a span that is not sampled.
    const { decision } = this.sampler.shouldSample(parent, traceId, '', SdkKind.SERVER, {}, []);
    if (decision !== SamplingDecision.RECORD_AND_SAMPLED) return new UnsampledSpan({ traceId });
    const { name, attributes } = describe();
    if (parent === ROOT_CONTEXT) this.ids.next = traceId;
    return new OtelSpan(this.tracer.startSpan(name, { kind: SdkKind.SERVER, attributes }, parent));
  }

  start(parent: TraceContext, kind: SpanKind, { name, attributes }: NewSpan): Span {
    return new OtelSpan(this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, toContext(parent)));
  }

  startShared(members: readonly Linked[], { name, attributes }: NewSpan): Span {
    const links = members.flatMap((member) => {
      const context = toSpanContext(member.context);
      return context ? [{ context, attributes: member.attributes }] : [];
    });
    return new OtelSpan(this.tracer.startSpan(name, { attributes, links }, ROOT_CONTEXT));
  }

  /** Sends what is left, as far as that is possible in a moment. */
  async onApplicationShutdown(): Promise<void> {
    let takeBack = () => {};
    const isOver = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LAST_MS);
      takeBack = () => clearTimeout(timer);
    });
    await Promise.race([this.provider.shutdown().catch(() => undefined), isOver]).finally(takeBack);
  }
}
