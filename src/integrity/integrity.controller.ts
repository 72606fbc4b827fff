import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { EXAMPLE_EVENT_ID } from '../common/http/api-examples.js';
import { ApiProblems, INVALID_ID } from '../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../common/http/id.param.js';
import { overloaded } from '../common/overloaded.js';
import { eventNotFound } from '../events/index.js';
import { ForScopes } from '../platform/auth/index.js';
import { DATABASE_PROBLEMS } from '../platform/database/index.js';
import { IntegrityResponse } from './dto/integrity.view.js';
import { IntegrityService } from './integrity.service.js';

@ApiTags('events')
@Controller('events/:id/integrity')
export class IntegrityController {
  constructor(private readonly integrity: IntegrityService) {}

  @Get()
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'recountEvent',
    summary: 'Recount an event',
    description:
      'Adds up the bookings and movements of the event in one snapshot, and compares them with the counts stored in the event.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiOkResponse({ description: 'The result of the recount.', type: IntegrityResponse })
  @ApiProblems(INVALID_ID, eventNotFound(EXAMPLE_EVENT_ID), overloaded(), ...DATABASE_PROBLEMS)
  async recount(@Param() { id }: IdParam): Promise<IntegrityResponse> {
    const { eventId, differences } = await this.integrity.recount(id);
    return { success: true, eventId, balanced: differences.length === 0, differences: [...differences] };
  }
}
