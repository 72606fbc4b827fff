import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BookingsModule, CommandRegistry } from '../bookings/index.js';
import { EventsModule } from '../events/index.js';
import { ErasureController } from './api/erasure.controller.js';
import { eraseUser } from './decide/erase-user.js';
import { ErasureService } from './erasure.service.js';
import { ErasureRecord, ErasureSchema } from './store/erasure.schema.js';
import { ErasuresRepository } from './store/erasures.repository.js';

@Module({
  imports: [
    EventsModule,
    BookingsModule,
    MongooseModule.forFeature([{ name: ErasureRecord.name, schema: ErasureSchema }]),
  ],
  controllers: [ErasureController],
  providers: [ErasureService, ErasuresRepository],
})
export class ErasureModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly erasures: ErasuresRepository,
  ) {}

  onModuleInit(): void {
    // Every feature adds its source to this list, also those that are registered later.
    this.registry.register({ kinds: [eraseUser(this.registry.erasures)], stores: [this.erasures] });
  }
}
