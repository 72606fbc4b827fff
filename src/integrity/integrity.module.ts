import { Module } from '@nestjs/common';
import { IntegrityController } from './integrity.controller.js';
import { IntegrityRepository } from './integrity.repository.js';
import { IntegrityService } from './integrity.service.js';

@Module({ controllers: [IntegrityController], providers: [IntegrityService, IntegrityRepository] })
export class IntegrityModule {}
