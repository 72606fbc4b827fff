import { type DynamicModule, Global, Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { METRICS_CONFIG, type MetricsConfig } from './metrics.config.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsReader, OwnMetrics } from './metrics-reader.js';
import { MetricsServer } from './metrics-server.js';

/** The catalogue: what Node says of the process, and what each feature adds by a class of its own. */
function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

@Global()
@Module({})
export class MetricsModule {
  /** `reader`: where metrics are shown that are not of this process alone. */
  static forRoot(config: MetricsConfig, reader?: MetricsReader): DynamicModule {
    const hasPort = config.metricsPort > 0;
    return {
      module: MetricsModule,
      controllers: hasPort ? [] : [MetricsController],
      providers: [
        { provide: METRICS_CONFIG, useValue: config },
        { provide: Registry, useFactory: createRegistry },
        reader ? { provide: MetricsReader, useValue: reader } : { provide: MetricsReader, useClass: OwnMetrics },
        ...(hasPort ? [MetricsServer] : []),
      ],
      exports: [Registry],
    };
  }
}
