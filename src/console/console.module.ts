import { type DynamicModule, Module } from '@nestjs/common';
import type { ConfigOf } from '../platform/config/index.js';
import type { consoleConfig } from './console.config.js';
import { ConsoleController } from './console.controller.js';
import { ConsolePage } from './console-page.js';

@Module({})
export class ConsoleModule {
  static forRoot(config: ConfigOf<typeof consoleConfig>): DynamicModule {
    const controllers = config.console === 'on' ? [ConsoleController] : [];
    return { module: ConsoleModule, controllers, providers: [ConsolePage] };
  }
}
