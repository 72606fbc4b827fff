import { Controller, Get } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { ForEverybody } from '../auth/index.js';
import { Database, databaseUnavailable, WithoutDatabase } from '../database/index.js';
import { Shutdown, shuttingDown } from '../http/index.js';
import { HealthView, IndicatorView, toHealth } from './health.view.js';

const LIVE = toHealth({});
const READY = toHealth({ database: { status: 'up' } });

@ApiTags('health')
@ApiExtraModels(IndicatorView)
@WithoutDatabase()
@ForEverybody()
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly shutdown: Shutdown,
  ) {}

  /** Whether the process runs: restart it when this fails. */
  @Get('live')
  @ApiOperation({
    operationId: 'isLive',
    summary: 'Is the process alive?',
    description: 'If this fails, restart the process.',
  })
  @ApiOkResponse({ description: 'The process is alive.', type: HealthView, example: LIVE })
  live(): HealthView {
    return LIVE;
  }

  /** Whether requests can be served: send none while this fails. */
  @Get('ready')
  @ApiOperation({
    operationId: 'isReady',
    summary: 'Can requests be served?',
    description:
      'While this fails, send no requests: the database is away or not migrated yet, or the server is shutting down.',
  })
  @ApiOkResponse({
    description: 'The database is migrated and answers.',
    type: HealthView,
    example: READY,
  })
  @ApiProblems(databaseUnavailable(), shuttingDown())
  async ready(): Promise<HealthView> {
    this.shutdown.assertNotBegun();
    await this.database.ping();
    return READY;
  }
}
