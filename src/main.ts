import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, readAppConfig } from './app/app.module.js';
import { configureApp } from './app/configure-app.js';
import { readEnvironment } from './platform/config/index.js';
import { createHttpAdapter, NEST_OPTIONS } from './platform/http/index.js';
import { createLog, nestLogger } from './platform/logging/index.js';
import { endAtSecondSignal, failToStart, SHUTDOWN_SIGNALS } from './platform/process/index.js';
import { serve } from './app/serve.js';

try {
  const environment = readEnvironment();
  const config = readAppConfig(environment);
  const log = await createLog(config.logLevel);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({ config, environment, log }),
    createHttpAdapter(config),
    { ...NEST_OPTIONS, logger: nestLogger(log) },
  );
  configureApp(app, config, log);
  app.enableShutdownHooks([...SHUTDOWN_SIGNALS], { useProcessExit: true });
  endAtSecondSignal();
  await serve(app, config, log);
} catch (error) {
  failToStart(error);
}
