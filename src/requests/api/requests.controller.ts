import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { overloaded } from '../../bookings/index.js';
import { Clock } from '../../common/clock.js';
import { EXAMPLE_REQUEST_ID } from '../../common/http/api-examples.js';
import { ApiProblems, INVALID_ID } from '../../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { callerOf, ForScopes } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS } from '../../platform/database/index.js';
import { RequestReads } from '../request-reads.js';
import { requestNotFound } from '../requests.problems.js';
import { RequestResponse, toRequestView } from './request.view.js';

@ApiTags('requests')
@Controller('requests')
export class RequestsController {
  constructor(
    private readonly reads: RequestReads,
    private readonly clock: Clock,
  ) {}

  @Get(':id')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'getRequest',
    summary: 'Follow a request that waits in a queue',
    description:
      'A request that was made with `Prefer: respond-async`: its place in the queue, then the booking or the hold that it has made, or why it was ' +
      'refused. It can be read for a day after it has ended.',
  })
  @ApiParam(apiId(EXAMPLE_REQUEST_ID))
  @ApiOkResponse({ description: 'The request.', type: RequestResponse })
  @ApiProblems(INVALID_ID, requestNotFound(EXAMPLE_REQUEST_ID), overloaded(), ...DATABASE_PROBLEMS)
  async get(@Param() { id }: IdParam, @Req() request: FastifyRequest): Promise<RequestResponse> {
    const seen = await this.reads.get(id, callerOf(request));
    return { success: true, request: toRequestView(seen, this.clock.now().getTime()) };
  }
}
