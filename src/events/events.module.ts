import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { EventChangesRepository } from './event-changes.repository.js';
import { SharedEvents } from './shared-events.js';
import { EventsController } from './events.controller.js';
import { EventsMetrics } from './events.metrics.js';
import { EventsRepository } from './events.repository.js';
import { EventsService } from './events.service.js';
import { EventEditRecord, EventEditSchema } from './schemas/event-edit.schema.js';
import { EventRecord, EventSchema } from './schemas/event.schema.js';
import { MovementRecord, MovementSchema } from './inventory/movement.schema.js';
import { MovementsRepository } from './inventory/movements.repository.js';
import { SalesRepository } from './inventory/sales.repository.js';
import { TicketInventoryRepository } from './inventory/ticket-inventory.repository.js';
import { MovementsController } from './movements.controller.js';
import { MovementsService } from './movements.service.js';
import { SalesController } from './sales.controller.js';
import { SalesService } from './sales.service.js';

@Module({
  imports: [
    MongooseModule.forFeature([
      { name: EventRecord.name, schema: EventSchema },
      { name: EventEditRecord.name, schema: EventEditSchema },
      { name: MovementRecord.name, schema: MovementSchema },
    ]),
  ],
  controllers: [EventsController, MovementsController, SalesController],
  providers: [
    EventsService,
    MovementsService,
    SalesService,
    EventsRepository,
    MovementsRepository,
    SalesRepository,
    EventsMetrics,
    SharedEvents,
    EventChangesRepository,
    TicketInventoryRepository,
  ],
  exports: [EventsService, TicketInventoryRepository, EventChangesRepository],
})
export class EventsModule {}
