import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthCheckResult, HealthIndicatorService } from '@nestjs/terminus';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { ForEverybody } from '../auth/index.js';
import { Database, databaseUnavailable, WithoutDatabase } from '../database/index.js';

@ApiTags('health')
@WithoutDatabase()
@ForEverybody()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
  ) {}

  /** Whether the process runs: restart it when this fails. */
  @Get('live')
  @ApiOperation({
    operationId: 'isLive',
    summary: 'Is the process alive?',
    description: 'Restart it when this fails.',
  })
  @ApiOkResponse({ description: 'It is.', example: { status: 'ok', info: {}, error: {}, details: {} } })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** Whether requests can be served: send none while this fails. */
  @Get('ready')
  @ApiOperation({
    operationId: 'isReady',
    summary: 'Can requests be served?',
    description: 'Send none while this fails: the database is not there, or not migrated yet.',
  })
  @ApiOkResponse({
    description: 'The database is migrated and answers.',
    example: { status: 'ok', info: { database: { status: 'up' } }, error: {}, details: { database: { status: 'up' } } },
  })
  @ApiProblems(databaseUnavailable())
  async ready(): Promise<HealthCheckResult> {
    await this.database.ping();
    return this.health.check([() => this.indicators.check('database').up()]);
  }
}
