import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { EXAMPLE_EVENT_ID } from '../common/http/api-examples.js';
import { PAGE_HEADERS } from '../common/http/api-headers.js';
import { ApiProblems, INVALID_ID, INVALID_QUERY } from '../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../common/http/id.param.js';
import { linkTo } from '../common/http/link.js';
import { limitOf } from '../common/http/page.query.js';
import { overloaded } from '../common/overloaded.js';
import { ForScopes } from '../platform/auth/index.js';
import { DATABASE_PROBLEMS } from '../platform/database/index.js';
import { ListMovementsQuery, revisionOf } from './dto/list-movements.query.js';
import { MovementListResponse, toMovementList } from './dto/movement.view.js';
import { eventNotFound } from './events.problems.js';
import { MovementsService } from './movements.service.js';

@ApiTags('events')
@Controller('events/:id/movements')
export class MovementsController {
  constructor(private readonly movements: MovementsService) {}

  @Get()
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'listMovements',
    summary: 'Follow what happens to the tickets of an event, oldest first',
    description:
      'Returns the movements after a revision: complete, in order, each once, and only what a majority of the database has. ' +
      'Keep `next` together with what you made of the page, and send it as `after` next time; while `hasMore` is false, wait before you ask again. ' +
      'A page may have fewer movements than `limit` even if there are more. The movements of a deleted event stay.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiOkResponse({ description: 'A page of movements.', type: MovementListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_ID, INVALID_QUERY, eventNotFound(EXAMPLE_EVENT_ID), overloaded(), ...DATABASE_PROBLEMS)
  async list(
    @Param() { id }: IdParam,
    @Query() query: ListMovementsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MovementListResponse> {
    const page = await this.movements.list(id, revisionOf(query), limitOf(query));
    if (page.hasMore) reply.headers(linkTo(`/events/${id}/movements`, { ...query, after: String(page.next) }));
    return toMovementList(page);
  }
}
