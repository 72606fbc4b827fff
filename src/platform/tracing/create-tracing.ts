import type { Log } from '../logging/index.js';
import { NoTracing, type Tracing } from './tracing.js';
import type { TracingConfig } from './tracing.config.js';

/** Loads OpenTelemetry only where traces are sent somewhere. */
export async function createTracing(config: TracingConfig, log: Log): Promise<Tracing> {
  if (config.otlpEndpoint === undefined) return new NoTracing();
  const { createOtelTracing } = await import('./otel-tracing.js');
  return createOtelTracing({ ...config, otlpEndpoint: config.otlpEndpoint }, log);
}
