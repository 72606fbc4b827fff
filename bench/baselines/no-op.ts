import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { Booking } from '../../src/bookings/booking.js';
import type { BookingsService } from '../../src/bookings/bookings.service.js';
import type { EventsService } from '../../src/events/events.service.js';
import { BACKLOG } from './backlog.js';

/** The product's own compiled modules: what tsx would make of their sources has no decorator metadata. */
const built = (file: string): Promise<unknown> => import(new URL(`../../dist/${file}`, import.meta.url).href);

const { AppModule, readAppConfig } = (await built('app/app.module.js')) as typeof import('../../src/app/app.module.js');
const { configureApp } = (await built('app/configure-app.js')) as typeof import('../../src/app/configure-app.js');
const { Database } = (await built(
  'platform/database/index.js',
)) as typeof import('../../src/platform/database/index.js');
const { createHttpAdapter, NEST_OPTIONS } = (await built(
  'platform/http/index.js',
)) as typeof import('../../src/platform/http/index.js');
const { createLog, nestLogger } = (await built(
  'platform/logging/index.js',
)) as typeof import('../../src/platform/logging/index.js');
const bookingsModule = (await built('bookings/bookings.service.js')) as { BookingsService: typeof BookingsService };
const eventsModule = (await built('events/events.service.js')) as { EventsService: typeof EventsService };

const EVENT: Awaited<ReturnType<EventsService['get']>> = {
  id: '67841f2a3b4c5d6e7f809100',
  name: 'Concert Night',
  status: 'on_sale',
  totalTickets: 1_000_000,
  availableTickets: 900_000,
  heldTickets: 0,
  soldTickets: 100_000,
  price: undefined,
  sections: [],
  maxTicketsPerUser: undefined,
  maxTicketsPerBooking: undefined,
  startsAt: undefined,
  salesStartAt: undefined,
  salesEndAt: undefined,
  reference: undefined,
  metadata: undefined,
  countsUserTickets: false,
  nextHoldExpiresAt: undefined,
  waitlist: undefined,
  queue: undefined,
  version: 1,
  revision: 100_001,
  createdAt: new Date(),
  idempotency: undefined,
};
const BOOKING: Booking = {
  id: '67842a1b2c3d4e5f60718293',
  eventId: EVENT.id,
  userId: 'user-1-1000000',
  items: [{ sectionId: undefined, quantity: 1, price: undefined }],
  quantity: 1,
  bought: undefined,
  changes: 0,
  status: 'confirmed',
  bookedAt: Date.now(),
  cancelledAt: undefined,
  reference: undefined,
  metadata: undefined,
  idempotency: undefined,
  soldBy: undefined,
};
const bookings: Pick<BookingsService, 'book'> = {
  book: () => Promise.resolve({ kind: 'done', result: BOOKING, isReplay: false }),
};
const events: Pick<EventsService, 'create' | 'get'> = {
  create: () => Promise.resolve({ event: EVENT, isReplay: false }),
  get: () => Promise.resolve(EVENT),
};

/** Everything that the product does with a request but what it is for: validation, guards, views, headers, logs. */
const config = readAppConfig(process.env);
const log = await createLog(config.logLevel);
const module = await Test.createTestingModule({ imports: [AppModule.with({ config, environment: process.env, log })] })
  .overrideProvider(bookingsModule.BookingsService)
  .useValue(bookings)
  .overrideProvider(eventsModule.EventsService)
  .useValue(events)
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(createHttpAdapter(config), {
  ...NEST_OPTIONS,
  logger: nestLogger(log),
});
configureApp(app, config, log);
await app.listen({ port: config.port, host: config.host, backlog: BACKLOG });
await app.get(Database).start();
