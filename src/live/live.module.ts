import { Module } from '@nestjs/common';
import { EventsModule } from '../events/index.js';
import { OverloadModule } from '../platform/overload/index.js';
import { LiveController } from './api/live.controller.js';
import { ChangeBell } from './change-bell.js';
import { LiveBoard } from './live-board.js';
import { LiveMetrics } from './live.metrics.js';
import { LiveService } from './live.service.js';

@Module({
  imports: [EventsModule, OverloadModule],
  controllers: [LiveController],
  providers: [LiveService, LiveBoard, ChangeBell, LiveMetrics],
})
export class LiveModule {}
