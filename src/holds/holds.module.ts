import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BookingsModule, CommandRegistry } from '../bookings/index.js';
import { EventsModule } from '../events/index.js';
import { HoldsController } from './api/holds.controller.js';
import { confirm } from './decide/confirm.js';
import { expireHolds, settleHolds } from './decide/expire.js';
import { extend } from './decide/extend.js';
import { hold } from './decide/hold.js';
import { release } from './decide/release.js';
import { settleRefunds } from './decide/settle-refunds.js';
import { HoldExpiry } from './hold-expiry.js';
import { HoldPulse } from './hold-pulse.js';
import { HoldReads } from './hold-reads.js';
import { HoldsMetrics } from './holds.metrics.js';
import { HoldsService } from './holds.service.js';
import { HoldRecord, HoldSchema } from './store/hold.schema.js';
import { HoldsErasure } from './store/holds.erasure.js';
import { HoldsRepository } from './store/holds.repository.js';

@Module({
  imports: [EventsModule, BookingsModule, MongooseModule.forFeature([{ name: HoldRecord.name, schema: HoldSchema }])],
  controllers: [HoldsController],
  providers: [HoldsService, HoldReads, HoldsRepository, HoldsErasure, HoldExpiry, HoldPulse, HoldsMetrics],
  exports: [HoldExpiry, HoldReads],
})
export class HoldsModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly holds: HoldsRepository,
    private readonly erasure: HoldsErasure,
    private readonly metrics: HoldsMetrics,
  ) {}

  onModuleInit(): void {
    const kinds = [hold, confirm, release, extend, settleHolds, settleRefunds];
    this.registry.register({
      kinds,
      dueRules: [expireHolds],
      stores: [this.holds],
      listeners: [this.metrics],
      erasures: [this.erasure],
    });
  }
}
