import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BookingsModule, CommandRegistry } from '../bookings/index.js';
import { EventEditRecord, EventEditSchema } from '../events/index.js';
import { EventEditsController } from './api/event-edits.controller.js';
import { deleteEvent } from './decide/delete-event.js';
import { editEvent } from './decide/edit-event.js';
import { EventEditsService } from './event-edits.service.js';
import { EventEditsRepository } from './store/event-edits.repository.js';
import { EventUses } from './store/event-uses.repository.js';

@Module({
  imports: [BookingsModule, MongooseModule.forFeature([{ name: EventEditRecord.name, schema: EventEditSchema }])],
  controllers: [EventEditsController],
  providers: [EventEditsService, EventEditsRepository, EventUses],
})
export class EventEditsModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly edits: EventEditsRepository,
    private readonly uses: EventUses,
  ) {}

  onModuleInit(): void {
    this.registry.register({ kinds: [editEvent, deleteEvent], stores: [this.edits, this.uses] });
  }
}
