import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems, INVALID_INPUT } from '../common/http/api-problems.decorator.js';
import { IdParam } from '../common/http/id.param.js';
import { eventNotFound } from '../events/index.js';
import { databaseUnavailable } from '../platform/database/index.js';
import { IntegrityResponse } from './dto/integrity.view.js';
import { IntegrityService } from './integrity.service.js';

const EXAMPLE_ID = '67841f2a3b4c5d6e7f809100';

@ApiTags('events')
@Controller('events/:id/integrity')
export class IntegrityController {
  constructor(private readonly integrity: IntegrityService) {}

  @Get()
  @ApiOperation({
    summary: 'Recount an event',
    description: 'From its bookings and movements, in one snapshot, against what the event says of itself.',
  })
  @ApiParam({ name: 'id', example: EXAMPLE_ID })
  @ApiOkResponse({ type: IntegrityResponse })
  @ApiProblems(INVALID_INPUT, eventNotFound(EXAMPLE_ID), databaseUnavailable())
  async recount(@Param() { id }: IdParam): Promise<IntegrityResponse> {
    const { eventId, differences } = await this.integrity.recount(id);
    return { success: true, eventId, balanced: differences.length === 0, differences: [...differences] };
  }
}
