import { createServer, type Server } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Registry } from 'prom-client';
import { LOG, type Log } from '../logging/index.js';
import { METRICS_CONFIG, type MetricsConfig } from './metrics.config.js';
import { MetricsReader } from './metrics-reader.js';

/** The metrics on a port of their own: they answer whatever becomes of the database, and ask for no key. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    this.reader.readMetrics().then(
      (text) => response.writeHead(200, { 'Content-Type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      (err: unknown) => {
        this.log.error({ err }, 'metrics can not be read');
        response.writeHead(500).end();
      },
    );
  });

  constructor(
    private readonly reader: MetricsReader,
    @Inject(METRICS_CONFIG) private readonly config: MetricsConfig,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(this.config.metricsPort, this.config.host, resolve);
    });
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
