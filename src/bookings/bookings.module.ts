import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { EventsModule } from '../events/index.js';
import { BookingCommands } from './booking-commands.js';
import { BookingLanes } from './booking-lanes.js';
import { BookingsController } from './bookings.controller.js';
import { BookingsMetrics } from './bookings.metrics.js';
import { BookingsRepository } from './bookings.repository.js';
import { BookingsService } from './bookings.service.js';
import { BookingRecord, BookingSchema } from './schemas/booking.schema.js';

@Module({
  imports: [EventsModule, MongooseModule.forFeature([{ name: BookingRecord.name, schema: BookingSchema }])],
  controllers: [BookingsController],
  providers: [BookingsService, BookingCommands, BookingsRepository, BookingLanes, BookingsMetrics],
})
export class BookingsModule {}
