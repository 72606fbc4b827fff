import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BookingsModule, CommandRegistry } from '../bookings/index.js';
import { EventsModule } from '../events/index.js';
import { HoldsModule } from '../holds/index.js';
import { RequestsController } from './api/requests.controller.js';
import { BellMetrics } from './bell/bell.metrics.js';
import { bellProvider } from './bell/bell.provider.js';
import { decideRequests } from './decide/decide-requests.js';
import { enqueue } from './decide/enqueue.js';
import { failRequest, retryRequest } from './decide/fail-request.js';
import { RequestPulse } from './request-pulse.js';
import { RequestReads } from './request-reads.js';
import { RequestWorker } from './request-worker.js';
import { RequestsMetrics } from './requests.metrics.js';
import { RequestsService } from './requests.service.js';
import { FailedRequests } from './store/failed-requests.js';
import { RequestRecord, RequestSchema } from './store/request.schema.js';
import { RequestsErasure } from './store/requests.erasure.js';
import { RequestsRepository } from './store/requests.repository.js';

@Module({
  imports: [
    EventsModule,
    BookingsModule,
    HoldsModule,
    MongooseModule.forFeature([{ name: RequestRecord.name, schema: RequestSchema }]),
  ],
  controllers: [RequestsController],
  providers: [
    RequestsService,
    RequestReads,
    RequestWorker,
    RequestPulse,
    RequestsRepository,
    FailedRequests,
    RequestsErasure,
    RequestsMetrics,
    BellMetrics,
    bellProvider,
  ],
  exports: [RequestsService],
})
export class RequestsModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly requests: RequestsRepository,
    private readonly erasure: RequestsErasure,
    private readonly metrics: RequestsMetrics,
  ) {}

  onModuleInit(): void {
    this.registry.register({
      kinds: [enqueue(this.registry.kinds), decideRequests(this.registry.kinds), failRequest, retryRequest],
      stores: [this.requests],
      listeners: [this.metrics],
      erasures: [this.erasure],
    });
  }
}
