import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** How live availability goes, for Prometheus. */
@Injectable()
export class LiveMetrics {
  private readonly streams: Gauge;
  private readonly messages: Counter;
  private readonly restarts: Counter;
  private readonly interrupted: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.streams = new Gauge({ name: 'live_streams_open', help: 'Streams of availability that are open.', registers });
    this.messages = new Counter({
      name: 'live_messages_total',
      help: 'States of events that were written to streams.',
      registers,
    });
    this.restarts = new Counter({
      name: 'live_change_stream_restarts_total',
      help: 'Change streams that failed and that the driver could not resume.',
      registers,
    });
    this.interrupted = new Gauge({
      name: 'live_interrupted',
      aggregator: 'max',
      help: '1 where somebody listens and no change stream is open, else 0.',
      registers,
    });
  }

  showStreams(count: number): void {
    this.streams.set(count);
  }

  countMessages(count: number): void {
    this.messages.inc(count);
  }

  countRestart(): void {
    this.restarts.inc();
  }

  showInterrupted(isInterrupted: boolean): void {
    this.interrupted.set(isInterrupted ? 1 : 0);
  }
}
