import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, readAppConfig } from './app.module.js';
import { configureApp } from './configure-app.js';
import { DOCS_PATH } from './openapi.js';
import { readEnvironment } from './platform/config/index.js';
import { Database } from './platform/database/index.js';
import { createHttpAdapter, NEST_OPTIONS } from './platform/http/index.js';
import { createLog, nestLogger } from './platform/logging/index.js';
import { failToStart } from './platform/process/index.js';

try {
  const environment = readEnvironment();
  const config = readAppConfig(environment);
  const log = await createLog(config.logLevel);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({ config, environment, log }),
    createHttpAdapter(),
    { ...NEST_OPTIONS, logger: nestLogger(log) },
  );
  configureApp(app, config, log);
  app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
  await app.listen(config.port, config.host);
  const [url, data] = [await app.getUrl(), await app.get(Database).start()];
  for (const line of [`Ready`, `API   ${url}`, `Docs  ${url}${DOCS_PATH}`, `Data  ${data}`]) log.info(line);
} catch (error) {
  failToStart(error);
}
