import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { EventsModule } from '../events/index.js';
import { BulkCancellationController } from './api/bulk-cancellation.controller.js';
import { BookingsController } from './api/bookings.controller.js';
import { BookingsCsvController } from './api/bookings-csv.controller.js';
import { BookingCommands } from './booking-commands.js';
import { BookingReads } from './booking-reads.js';
import { BookingsMetrics } from './bookings.metrics.js';
import { BookingsService } from './bookings.service.js';
import { BulkCancellation } from './bulk-cancellation.js';
import { CommandRegistry } from './command-registry.js';
import { book } from './decide/book.js';
import { cancel } from './decide/cancel.js';
import { cancelBookings } from './decide/cancel-bookings.js';
import { transfer } from './decide/transfer.js';
import { LaneFactory } from './lane-factory.js';
import { BookingsMemory } from './memory/bookings-memory.js';
import { RecentOutcomes } from './recent-outcomes.js';
import { BookingChangeRecord, BookingChangeSchema } from './store/booking-change.schema.js';
import { BookingChangesRepository } from './store/booking-changes.repository.js';
import { BookingRecord, BookingSchema } from './store/booking.schema.js';
import { BookingsErasure } from './store/bookings.erasure.js';
import { BookingsRepository } from './store/bookings.repository.js';
import { UserTicketsRepository } from './store/user-tickets.repository.js';
import { UserTicketsRecord, UserTicketsSchema } from './store/user-tickets.schema.js';

@Module({
  imports: [
    EventsModule,
    MongooseModule.forFeature([
      { name: BookingRecord.name, schema: BookingSchema },
      { name: BookingChangeRecord.name, schema: BookingChangeSchema },
      { name: UserTicketsRecord.name, schema: UserTicketsSchema },
    ]),
  ],
  controllers: [BookingsController, BookingsCsvController, BulkCancellationController],
  providers: [
    BookingsService,
    BookingCommands,
    BookingReads,
    BulkCancellation,
    BookingsRepository,
    BookingsErasure,
    BookingChangesRepository,
    UserTicketsRepository,
    LaneFactory,
    BookingsMemory,
    BookingsMetrics,
    RecentOutcomes,
    {
      provide: CommandRegistry,
      useFactory: (userTickets: UserTicketsRepository, changes: BookingChangesRepository) =>
        new CommandRegistry().register({
          kinds: [book, cancel, cancelBookings, transfer],
          stores: [userTickets, changes],
        }),
      inject: [UserTicketsRepository, BookingChangesRepository],
    },
  ],
  exports: [BookingsService, BookingReads, CommandRegistry, RecentOutcomes],
})
export class BookingsModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly erasure: BookingsErasure,
  ) {}

  onModuleInit(): void {
    this.registry.register({ erasures: [this.erasure] });
  }
}
