import { Module } from '@nestjs/common';
import { BookingsModule } from '../bookings/index.js';
import { OverloadModule } from '../platform/overload/index.js';
import { OperationsController } from './api/operations.controller.js';
import { OperationsService } from './operations.service.js';

@Module({
  imports: [BookingsModule, OverloadModule],
  controllers: [OperationsController],
  providers: [OperationsService],
})
export class OperationsModule {}
