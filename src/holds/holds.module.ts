import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BookingsModule, CommandRegistry } from '../bookings/index.js';
import { HoldsController } from './api/holds.controller.js';
import { confirm } from './decide/confirm.js';
import { expireHolds, settleHolds } from './decide/expire.js';
import { extend } from './decide/extend.js';
import { hold } from './decide/hold.js';
import { release } from './decide/release.js';
import { HoldReads } from './hold-reads.js';
import { HoldsService } from './holds.service.js';
import { HoldRecord, HoldSchema } from './store/hold.schema.js';
import { HoldsRepository } from './store/holds.repository.js';

@Module({
  imports: [BookingsModule, MongooseModule.forFeature([{ name: HoldRecord.name, schema: HoldSchema }])],
  controllers: [HoldsController],
  providers: [HoldsService, HoldReads, HoldsRepository],
})
export class HoldsModule implements OnModuleInit {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly holds: HoldsRepository,
  ) {}

  onModuleInit(): void {
    const kinds = [hold, confirm, release, extend, settleHolds];
    this.registry.register({ kinds, dueRules: [expireHolds], stores: [this.holds] });
  }
}
