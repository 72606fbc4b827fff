import 'reflect-metadata';
import cluster from 'node:cluster';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, readAppConfig } from './app/app.module.js';
import { configureApp } from './app/configure-app.js';
import { readEnvironment } from './platform/config/index.js';
import { createHttpAdapter, NEST_OPTIONS } from './platform/http/index.js';
import { createLog, nestLogger } from './platform/logging/index.js';
import { endAtSecondSignal, failToStart, SHUTDOWN_SIGNALS } from './platform/process/index.js';
import { createTracing } from './platform/tracing/index.js';
import { Primary, Worker } from './platform/workers/index.js';
import { serve } from './app/serve.js';

try {
  const environment = readEnvironment();
  const config = readAppConfig(environment);
  const log = await createLog(config.logLevel);
  if (config.workers > 1 && cluster.isPrimary) {
    new Primary(config.workers, log).start();
  } else {
    const worker = cluster.isWorker ? new Worker() : undefined;
    const tracing = await createTracing(config, log);
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.with({ config, environment, log, worker, tracing }),
      createHttpAdapter(config),
      { ...NEST_OPTIONS, logger: nestLogger(log) },
    );
    configureApp(app, config, log);
    app.enableShutdownHooks([...SHUTDOWN_SIGNALS], { useProcessExit: true });
    endAtSecondSignal();
    await serve(app, config, log, worker);
  }
} catch (error) {
  failToStart(error);
}
