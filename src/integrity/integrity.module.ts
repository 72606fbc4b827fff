import { Module } from '@nestjs/common';
import { BooksWatch } from './books-watch.js';
import { IntegrityController } from './integrity.controller.js';
import { IntegrityMetrics } from './integrity.metrics.js';
import { IntegrityRepository } from './integrity.repository.js';
import { IntegrityService } from './integrity.service.js';

@Module({
  controllers: [IntegrityController],
  providers: [IntegrityService, IntegrityRepository, IntegrityMetrics, BooksWatch],
})
export class IntegrityModule {}
