import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule, readAppConfig } from './app/app.module.js';
import { work } from './app/work.js';
import { readEnvironment } from './platform/config/index.js';
import { createLog, nestLogger } from './platform/logging/index.js';
import { endAtSecondSignal, failToStart, SHUTDOWN_SIGNALS } from './platform/process/index.js';
import { createTracing } from './platform/tracing/index.js';

try {
  const environment = readEnvironment();
  const config = readAppConfig(environment);
  const log = await createLog(config.logLevel);
  const tracing = await createTracing(config, log);
  const app = await NestFactory.createApplicationContext(AppModule.with({ config, environment, log, tracing }), {
    logger: nestLogger(log),
    abortOnError: false,
  });
  app.enableShutdownHooks([...SHUTDOWN_SIGNALS], { useProcessExit: true });
  endAtSecondSignal();
  await work(app, log);
} catch (error) {
  failToStart(error);
}
