import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BOOKINGS_CONFIG, type BookingsConfig, BookingsModule, CommandRegistry } from '../bookings/index.js';
import { EventsModule } from '../events/index.js';
import { WaitlistController } from './api/waitlist.controller.js';
import { handOver, reservedAreDue, withholdFreed } from './decide/hand-over.js';
import { join } from './decide/join.js';
import { leave } from './decide/leave.js';
import { EntriesErasure } from './store/entries.erasure.js';
import { EntriesRepository } from './store/entries.repository.js';
import { EntryRecord, EntrySchema } from './store/entry.schema.js';
import { WAITLIST_CONFIG, type WaitlistConfig } from './waitlist.config.js';
import { WaitlistMetrics } from './waitlist.metrics.js';
import { WaitlistReads } from './waitlist-reads.js';
import { WaitlistService } from './waitlist.service.js';
import { WaitlistWatch } from './waitlist-watch.js';

@Module({
  imports: [EventsModule, BookingsModule, MongooseModule.forFeature([{ name: EntryRecord.name, schema: EntrySchema }])],
  controllers: [WaitlistController],
  providers: [WaitlistService, WaitlistReads, EntriesRepository, EntriesErasure, WaitlistMetrics, WaitlistWatch],
})
export class WaitlistModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly entries: EntriesRepository,
    private readonly erasure: EntriesErasure,
    private readonly metrics: WaitlistMetrics,
    @Inject(WAITLIST_CONFIG) private readonly config: WaitlistConfig,
    @Inject(BOOKINGS_CONFIG) private readonly bookingsConfig: BookingsConfig,
  ) {}

  onModuleInit(): void {
    const { offerSeconds } = this.config;
    const maxQuantity = this.bookingsConfig.maxTicketsPerBooking;
    this.registry.register({
      kinds: [join, leave],
      dueRules: [reservedAreDue],
      freeingRules: [withholdFreed],
      closingRules: [handOver({ offerSeconds, maxQuantity })],
      stores: [this.entries],
      listeners: [this.metrics],
      erasures: [this.erasure],
    });
  }
}
