import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import mongoose, { type mongo } from 'mongoose';
import { pino } from 'pino';
import { AppModule, type Config, readAppConfig } from '../../src/app/app.module.js';
import { configureApp } from '../../src/app/configure-app.js';
import { BACKLOG } from '../../src/app/serve.js';
import { Revocations } from '../../src/platform/auth/index.js';
import { Database } from '../../src/platform/database/index.js';
import { createHttpAdapter, NEST_OPTIONS } from '../../src/platform/http/index.js';
import { logOptions, nestLogger } from '../../src/platform/logging/index.js';
import { Peers } from '../../src/platform/peers/index.js';
import { createTracing } from '../../src/platform/tracing/index.js';
import { RequestWorker } from '../../src/requests/index.js';
import { Api } from './api.js';
import { freshDatabaseUri } from './start-mongo.js';

export interface AppOptions {
  readonly uri?: string;
  readonly config?: Partial<Config> | undefined;
  /** Replaces providers: how a negative control takes a guard away. */
  readonly override?: ((builder: TestingModuleBuilder) => TestingModuleBuilder) | undefined;
  /** Everything that is logged, as it is written. */
  readonly logLines?: string[];
  /** False: the database is not connected, as while the server starts. */
  readonly startDatabase?: boolean;
}

/** A running instance of the product, with what a test needs to talk to it and to look behind it. */
export interface RunningApp {
  readonly app: NestFastifyApplication;
  readonly api: Api;
  readonly uri: string;
  /** The database, by a connection of the test's own. */
  readonly db: mongo.Db;
  /** As it was started, so that a second instance can be the same. */
  readonly override: AppOptions['override'];
  readonly config: AppOptions['config'];
  close(): Promise<void>;
}

/** Starts the product as production does, on a fresh database of a real replica set. */
export async function startApp(options: AppOptions = {}): Promise<RunningApp> {
  const uri = options.uri ?? freshDatabaseUri();
  const environment = { MONGO_URI: uri };
  const config = { ...readAppConfig(environment), ...options.config };
  const log = pino(logOptions(options.logLines ? 'trace' : 'silent'), {
    write: (line) => options.logLines?.push(line),
  });
  const tracing = await createTracing(config, log);
  const builder = Test.createTestingModule({ imports: [AppModule.with({ config, environment, log, tracing })] });
  const module = await (options.override?.(builder) ?? builder).compile();
  const app = module.createNestApplication<NestFastifyApplication>(createHttpAdapter(config), {
    ...NEST_OPTIONS,
    logger: nestLogger(log),
  });
  configureApp(app, config, log);
  await app.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
  if (options.startDatabase !== false) {
    await app.get(Database).start();
    await app.get(Peers).join();
    await app.get(Revocations).listen();
    await app.get(RequestWorker).start();
  }
  const client = new mongoose.mongo.MongoClient(uri);
  return {
    app,
    api: new Api(await app.getUrl()),
    uri,
    db: client.db(),
    override: options.override,
    config: options.config,
    close: async () => {
      await app.close();
      await client.close();
    },
  };
}
