import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { AUTH_CONFIG, type AuthConfig } from './auth.config.js';
import { AuthGuard } from './auth.guard.js';
import { Callers } from './callers.js';
import { Revocations } from './revocations.js';

@Global()
@Module({})
export class AuthModule {
  static forRoot(config: AuthConfig): DynamicModule {
    return {
      module: AuthModule,
      providers: [
        { provide: AUTH_CONFIG, useValue: config },
        AuthGuard,
        { provide: APP_GUARD, useExisting: AuthGuard },
        ApiKeysRepository,
        ApiKeysService,
        Callers,
        Revocations,
      ],
      exports: [ApiKeysService, Callers, Revocations],
    };
  }
}
