import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { EventsModule } from '../events/index.js';
import { BookingCommands } from './booking-commands.js';
import { LaneFactory } from './lane-factory.js';
import { BookingsController } from './api/bookings.controller.js';
import { BookingsMetrics } from './bookings.metrics.js';
import { BookingsRepository } from './store/bookings.repository.js';
import { BookingsService } from './bookings.service.js';
import { BookingRecord, BookingSchema } from './store/booking.schema.js';

@Module({
  imports: [EventsModule, MongooseModule.forFeature([{ name: BookingRecord.name, schema: BookingSchema }])],
  controllers: [BookingsController],
  providers: [BookingsService, BookingCommands, BookingsRepository, LaneFactory, BookingsMetrics],
})
export class BookingsModule {}
