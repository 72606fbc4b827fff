import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { Clock } from '../common/clock.js';
import { EventsModule } from '../events/index.js';
import { BookingCommands } from './booking-commands.js';
import { BookingLane } from './booking-lane.js';
import { BookingsController } from './bookings.controller.js';
import { BookingsRepository } from './bookings.repository.js';
import { BookingsService } from './bookings.service.js';
import { BookingRecord, BookingSchema } from './schemas/booking.schema.js';

const LANE_LIMITS = { maxWaiting: 2_000, maxWaitMs: 4_000, deadlineMs: 5_000 };

@Module({
  imports: [EventsModule, MongooseModule.forFeature([{ name: BookingRecord.name, schema: BookingSchema }])],
  controllers: [BookingsController],
  providers: [
    BookingsService,
    BookingCommands,
    BookingsRepository,
    { provide: BookingLane, inject: [Clock], useFactory: (clock: Clock) => new BookingLane(clock, LANE_LIMITS) },
  ],
})
export class BookingsModule {}
