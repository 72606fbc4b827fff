import { Body, Controller, HttpCode, HttpStatus, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { EXAMPLE_EVENT_ID } from '../../common/http/api-examples.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID } from '../../common/http/api-problems.decorator.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { callerOf, ForScopes } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown } from '../../platform/database/index.js';
import { eventNotFound, overloaded } from '../bookings.problems.js';
import { BulkCancellation } from '../bulk-cancellation.js';
import { CANCEL_BOOKINGS_BODY, CancelBookingsDto, CancelledBookingsResponse } from './bulk-cancellation.dto.js';

@ApiTags('events')
@Controller('events')
export class BulkCancellationController {
  constructor(private readonly bulk: BulkCancellation) {}

  @Post(':id/cancel-bookings')
  @ForScopes('operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'cancelBookingsOfEvent',
    summary: 'Cancel all bookings of an event',
    description:
      'Cancels confirmed bookings for about two seconds, many in each transaction, and says how many are left. Call it again until ' +
      '`remaining` is 0. It does not change the status of the event: cancel the event first, so that it sells nothing meanwhile. After a ' +
      '`503`, call it again: no ticket is returned twice.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiBody(CANCEL_BOOKINGS_BODY)
  @ApiOkResponse({ description: 'What was cancelled, and what is left.', type: CancelledBookingsResponse })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, eventNotFound(EXAMPLE_EVENT_ID))
  @ApiProblems(overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown())
  async cancel(
    @Param() { id }: IdParam,
    @Body() { reason }: CancelBookingsDto,
    @Req() request: FastifyRequest,
  ): Promise<CancelledBookingsResponse> {
    return { success: true, ...(await this.bulk.run(id, reason, callerOf(request), disconnectionOf(request))) };
  }
}
