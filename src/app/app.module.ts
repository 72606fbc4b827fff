import { type DynamicModule, Global, Module } from '@nestjs/common';
import {
  BOOKINGS_CONFIG,
  BookingsModule,
  bookingsConfig,
  RequestQueue,
  USER_TICKETS_SOURCES,
} from '../bookings/index.js';
import { Clock, SystemClock } from '../common/clock.js';
import { ErasureModule } from '../erasure/index.js';
import { EventEditsModule } from '../event-edits/index.js';
import { DueTickets, EventsModule } from '../events/index.js';
import { IntegrityModule } from '../integrity/index.js';
import { collections, migrations, releases, retiredMigrations } from './database-schema.js';
import { HoldExpiry, HOLDS_CONFIG, holdsConfig, HoldsModule } from '../holds/index.js';
import { WAITLIST_CONFIG, waitlistConfig, WaitlistModule } from '../waitlist/index.js';
import { LIVE_CONFIG, liveConfig, LiveModule } from '../live/index.js';
import { consoleConfig, ConsoleModule } from '../console/index.js';
import { OperationsModule } from '../operations/index.js';
import { BELL_CONFIG, bellConfig, RequestsModule, RequestsService } from '../requests/index.js';
import { recountSources, userTicketsSources } from './recount-sources.js';
import { RootController } from './root.controller.js';
import { authConfig, AuthModule } from '../platform/auth/index.js';
import { ConfigError, type ConfigOf, type Environment, readConfig } from '../platform/config/index.js';
import { DATA_FOLDER, databaseConfig, DatabaseModule, EmbeddedMongo } from '../platform/database/index.js';
import { HealthModule } from '../platform/health/index.js';
import { httpConfig, HttpMetrics, Shutdown, SHUTDOWN_TIMES, type ShutdownTimes } from '../platform/http/index.js';
import { metricsConfig, MetricsModule } from '../platform/metrics/index.js';
import { OverloadModule } from '../platform/overload/index.js';
import { PeersModule } from './peers.module.js';
import { rateLimitConfig, RateLimitModule } from '../platform/rate-limit/index.js';
import { LOG, type Log, loggingConfig } from '../platform/logging/index.js';
import { redisConfig, RedisModule } from '../platform/redis/index.js';
import { NoTracing, Tracing, tracingConfig } from '../platform/tracing/index.js';
import { type Worker, workersConfig } from '../platform/workers/index.js';

/** Every variable that the product reads, each declared where it is used. */
const fields = {
  ...httpConfig,
  ...databaseConfig,
  ...loggingConfig,
  ...authConfig,
  ...rateLimitConfig,
  ...metricsConfig,
  ...bookingsConfig,
  ...holdsConfig,
  ...waitlistConfig,
  ...liveConfig,
  ...workersConfig,
  ...redisConfig,
  ...bellConfig,
  ...consoleConfig,
  ...tracingConfig,
};
export type Config = ConfigOf<typeof fields>;

/** Throws one ConfigError that names every bad variable. */
export function readAppConfig(environment: Environment): Config {
  const config = readConfig(fields, environment);
  if (config.metricsPort !== 0 && config.metricsPort === config.port) {
    throw new ConfigError(['METRICS_PORT must be another port than PORT']);
  }
  if (config.holdSeconds > config.maxHoldSeconds) {
    throw new ConfigError(['HOLD_SECONDS must be at most MAX_HOLD_SECONDS']);
  }
  if (config.workers > 1 && config.mongoUri === undefined) {
    throw new ConfigError([
      'MONGO_URI must name a database where WORKERS is more than 1: the embedded one is for one process',
    ]);
  }
  if (config.amqpUrl !== undefined && config.sqsQueueUrl !== undefined) {
    throw new ConfigError(['AMQP_URL and SQS_QUEUE_URL can not both be set: one broker carries the calls']);
  }
  return config;
}

const DRAIN_MS = 10_000;

export interface AppOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly log: Log;
  /** This process as one of several behind one port. */
  readonly worker?: Worker | undefined;
  /** Nothing is traced where it is left out. */
  readonly tracing?: Tracing | undefined;
}

/** The composition root: the only file that knows every module. */
@Global()
@Module({})
export class AppModule {
  static with({ config, environment, log, worker, tracing = new NoTracing() }: AppOptions): DynamicModule {
    const times: ShutdownTimes = { delayMs: config.shutdownDelaySeconds * 1_000, drainMs: DRAIN_MS };
    const embedded = new EmbeddedMongo(DATA_FOLDER, environment, (line, level = 'info') => log[level](line));
    return {
      module: AppModule,
      imports: [
        MetricsModule.forRoot(config, worker),
        RedisModule.forRoot(config),
        PeersModule.forRoot(worker),
        DatabaseModule.forRoot({
          mongoUri: config.mongoUri,
          embedded,
          collections,
          migrations,
          retiredMigrations,
          releases,
          upgrade: config.upgrade,
        }),
        RateLimitModule.forRoot(config),
        AuthModule.forRoot(config),
        EventsModule,
        BookingsModule,
        HoldsModule,
        EventEditsModule,
        WaitlistModule,
        RequestsModule,
        ErasureModule,
        LiveModule,
        IntegrityModule.forRoot(recountSources),
        OperationsModule,
        ConsoleModule.forRoot(config),
        HealthModule,
        OverloadModule,
      ],
      controllers: [RootController],
      providers: [
        { provide: LOG, useValue: log },
        { provide: Clock, useClass: SystemClock },
        { provide: Tracing, useValue: tracing },
        HttpMetrics,
        Shutdown,
        { provide: SHUTDOWN_TIMES, useValue: times },
        { provide: BOOKINGS_CONFIG, useValue: config },
        { provide: HOLDS_CONFIG, useValue: config },
        { provide: WAITLIST_CONFIG, useValue: config },
        { provide: LIVE_CONFIG, useValue: config },
        { provide: BELL_CONFIG, useValue: config },
        { provide: DueTickets, useExisting: HoldExpiry },
        { provide: RequestQueue, useExisting: RequestsService },
        { provide: USER_TICKETS_SOURCES, useValue: userTicketsSources },
      ],
      exports: [
        LOG,
        Clock,
        Tracing,
        DueTickets,
        RequestQueue,
        BOOKINGS_CONFIG,
        HOLDS_CONFIG,
        WAITLIST_CONFIG,
        LIVE_CONFIG,
        BELL_CONFIG,
        USER_TICKETS_SOURCES,
        Shutdown,
      ],
    };
  }
}
