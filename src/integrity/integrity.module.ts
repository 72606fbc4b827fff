import { Module } from '@nestjs/common';
import { RecountLoop } from './recount-loop.js';
import { IntegrityController } from './integrity.controller.js';
import { IntegrityMetrics } from './integrity.metrics.js';
import { IntegrityRepository } from './integrity.repository.js';
import { IntegrityService } from './integrity.service.js';

@Module({
  controllers: [IntegrityController],
  providers: [IntegrityService, IntegrityRepository, IntegrityMetrics, RecountLoop],
})
export class IntegrityModule {}
