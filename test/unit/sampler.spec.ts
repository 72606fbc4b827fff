import { describe, expect, it } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { samplerOf } from '../../src/platform/tracing/sampler.js';
import type { TracingConfig } from '../../src/platform/tracing/tracing.config.js';

const [LOW, HIGH] = ['1'.repeat(32), '1'.repeat(24) + 'e'.repeat(8)];
const SPAN_ID = '1'.repeat(16);

/** Whether a trace is sampled: without a parent, with one that is sampled, and with one that is not. */
function decisions(tracesSampler: TracingConfig['tracesSampler'], tracesSamplerArg: number, traceId = HIGH): boolean[] {
  const sampler = samplerOf({ tracesSampler, tracesSamplerArg });
  const below = (traceFlags: number) => trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: SPAN_ID, traceFlags });
  return [ROOT_CONTEXT, below(1), below(0)].map((context) => {
    const { decision } = sampler.shouldSample(context, traceId, '', SpanKind.SERVER, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  });
}

describe('OTEL_TRACES_SAMPLER', () => {
  it.each([
    ['parentbased_always_on', [true, true, false]],
    ['parentbased_always_off', [false, true, false]],
    ['parentbased_traceidratio', [false, true, false]],
    ['always_on', [true, true, true]],
    ['always_off', [false, false, false]],
    ['traceidratio', [false, false, false]],
  ] as const)('%s', (name, expected) => {
    expect(decisions(name, 0.5)).toEqual(expected);
  });

  it('samples a share of the traces by their ids', () => {
    expect(decisions('traceidratio', 0.5, LOW)).toEqual([true, true, true]);
    expect(decisions('parentbased_traceidratio', 0.5, LOW)).toEqual([true, true, false]);
    expect(decisions('parentbased_traceidratio', 0, LOW)).toEqual([false, true, false]);
    expect(decisions('traceidratio', 1)).toEqual([true, true, true]);
  });
});
