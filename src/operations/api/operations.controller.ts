import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { invalidInput } from '../../common/problem.js';
import { ForScopes } from '../../platform/auth/index.js';
import { databaseUnavailable, WithoutDatabase } from '../../platform/database/index.js';
import { OperationsService } from '../operations.service.js';
import { OperationsQuery } from './operations.query.js';
import { OperationsResponse, toOperationsView } from './operations.view.js';

@ApiTags('operations')
@WithoutDatabase()
@Controller('operations')
export class OperationsController {
  constructor(private readonly operations: OperationsService) {}

  @Get()
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'getOperations',
    summary: 'What the servers do now',
    description:
      'Returns the answers of the last seconds by event and code, how long they took, what waits, and how many requests were refused, ' +
      'for this server and for those that share the events with it. Servers without a shared Redis answer for themselves. It asks no database, and is answered under overload.',
  })
  @ApiOkResponse({ description: 'The figures of each server.', type: OperationsResponse })
  @ApiProblems(invalidInput([{ pointer: '#/eventId', message: 'eventId must be a string of 24 hex digits' }]))
  @ApiProblems(databaseUnavailable())
  async read(@Query() { eventId }: OperationsQuery): Promise<OperationsResponse> {
    return toOperationsView(await this.operations.read(eventId?.toLowerCase()));
  }
}
