import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { ForScopes } from '../auth/index.js';
import { databaseUnavailable, WithoutDatabase } from '../database/index.js';
import { MetricsReader } from './metrics-reader.js';

@ApiTags('operations')
@WithoutDatabase()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly reader: MetricsReader) {}

  @Get()
  @ForScopes('operate')
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'Metrics for Prometheus',
    description:
      'Returns the metrics in the text format of Prometheus. If METRICS_PORT is set, they are served on that port instead, and this route is a 404.',
  })
  @ApiOkResponse({
    description: 'The metrics of this server; of several workers their sum.',
    content: { 'text/plain': { schema: { type: 'string' }, example: 'booking_tickets_sold_total 42' } },
  })
  @ApiProblems(databaseUnavailable())
  read(): Promise<string> {
    return this.reader.readMetrics();
  }
}
