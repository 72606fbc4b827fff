import { type DynamicModule, Module } from '@nestjs/common';
import type { RecountSource } from '../events/index.js';
import { IntegrityController } from './integrity.controller.js';
import { IntegrityMetrics } from './integrity.metrics.js';
import { IntegrityRepository, RECOUNT_SOURCES } from './integrity.repository.js';
import { IntegrityService } from './integrity.service.js';
import { RecountLoop } from './recount-loop.js';

@Module({})
export class IntegrityModule {
  /** `sources`: what the features have to say about the tickets of an event. */
  static forRoot(sources: readonly RecountSource[]): DynamicModule {
    return {
      module: IntegrityModule,
      controllers: [IntegrityController],
      providers: [
        { provide: RECOUNT_SOURCES, useValue: sources },
        IntegrityService,
        IntegrityRepository,
        IntegrityMetrics,
        RecountLoop,
      ],
    };
  }
}
