import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Log } from '../logging/index.js';

/** Says once that spans can not be sent, and once that they can be again. */
export class WatchedExporter implements SpanExporter {
  private hasFailed = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: Log,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      this.look(result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  private look({ code, error }: ExportResult): void {
    const fails = code === ExportResultCode.FAILED;
    if (fails === this.hasFailed) return;
    this.hasFailed = fails;
    if (fails) this.log.warn({ reason: error?.message }, 'traces can not be sent: they are dropped until they can be');
    else this.log.info('traces are sent again');
  }
}
