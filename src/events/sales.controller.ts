import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { EXAMPLE_EVENT_ID } from '../common/http/api-examples.js';
import { ApiProblems, INVALID_ID } from '../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../common/http/id.param.js';
import { overloaded } from '../common/overloaded.js';
import { invalidInput } from '../common/problem.js';
import { ForScopes } from '../platform/auth/index.js';
import { DATABASE_PROBLEMS } from '../platform/database/index.js';
import { SalesQuery, wishOf } from './dto/sales.query.js';
import { SalesResponse, toSalesResponse } from './dto/sales.view.js';
import { eventNotFound } from './events.problems.js';
import { SalesService } from './sales.service.js';

const INVALID_RANGE = invalidInput([
  { pointer: '#/from', message: 'from must be before to, which is now at the latest' },
]);

@ApiTags('events')
@Controller('events/:id/sales')
export class SalesController {
  constructor(private readonly sales: SalesService) {}

  @Get()
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'readSales',
    summary: 'See how the tickets of an event went over time',
    description:
      'Returns the counts at the end of each bucket of time, and how many tickets moved within it, as of one committed revision. ' +
      'In each bucket, `totalTickets` is the sum of available, held and sold tickets. A `step` that makes more than 500 buckets is a 400. ' +
      'Without `to`, the last bucket has the counts of the event at this revision. Changes of the capacity, and tickets that are kept for those who wait, show in the counts only.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiOkResponse({ description: 'The buckets, oldest first.', type: SalesResponse })
  @ApiProblems(INVALID_ID, INVALID_RANGE, eventNotFound(EXAMPLE_EVENT_ID), overloaded(), ...DATABASE_PROBLEMS)
  async read(@Param() { id }: IdParam, @Query() query: SalesQuery): Promise<SalesResponse> {
    return toSalesResponse(await this.sales.read(id, wishOf(query)));
  }
}
