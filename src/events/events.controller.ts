import { Body, Controller, Get, Headers, HttpStatus, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EXAMPLE_EVENT_ID } from '../common/http/api-examples.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID, INVALID_QUERY } from '../common/http/api-problems.decorator.js';
import { CREATED_HEADERS, ETAG_HEADER, PAGE_HEADERS } from '../common/http/api-headers.js';
import { leastRevisionOf, REVISION_HEADER, revisionHeader } from '../common/http/event-revision.js';
import { isNoneMatch } from '../common/http/etag.js';
import { apiId, IdParam } from '../common/http/id.param.js';
import {
  idempotencyKeyOf,
  REPLAYED_HEADER,
  replayHeaders,
  TakesIdempotencyKey,
} from '../common/http/idempotency-key.js';
import { linkToNext } from '../common/http/link.js';
import { limitOf } from '../common/http/page.query.js';
import { overloaded } from '../common/overloaded.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../common/idempotency.js';
import { callerOf, ForScopes, scopeToCaller } from '../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown } from '../platform/database/index.js';
import { BodyLimit } from '../platform/http/index.js';
import { CREATE_EVENT_BODY, CREATE_EVENT_SCHEMAS, CreateEventDto, toNewEvent } from './dto/create-event.dto.js';
import { EventListResponse, EventResponse, toEventView } from './dto/event.view.js';
import { filterOf, ListEventsQuery } from './dto/list-events.query.js';
import { etagOf } from './event.js';
import { eventNotFound, revisionUnknown } from './events.problems.js';
import { EventsService } from './events.service.js';

/** An event may have many sections. */
export const EDIT_BODY_LIMIT_BYTES = 64 * 1024;

@ApiTags('events')
@Controller('events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Post('create')
  @ForScopes('operate')
  @BodyLimit(EDIT_BODY_LIMIT_BYTES)
  @ApiOperation({
    operationId: 'createEvent',
    summary: 'Create an event',
    description:
      'Creates an event with a number of tickets, or with sections. Each section is a pool of tickets that is sold separately.',
  })
  @ApiExtraModels(...CREATE_EVENT_SCHEMAS)
  @ApiBody(CREATE_EVENT_BODY)
  @ApiCreatedResponse({
    description: 'The event, open for booking.',
    type: EventResponse,
    headers: { ...CREATED_HEADERS, ...ETAG_HEADER, ...REPLAYED_HEADER, ...REVISION_HEADER },
  })
  @TakesIdempotencyKey()
  @ApiProblems(...BODY_PROBLEMS, idempotencyKeyReused(), idempotencyInProgress())
  @ApiProblems(overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown())
  async create(
    @Body() dto: CreateEventDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventResponse> {
    const key = scopeToCaller(idempotencyKeyOf(request), callerOf(request));
    const { event, isReplay } = await this.events.create(toNewEvent(dto), key);
    reply.headers({ Location: `/events/${event.id}`, ETag: etagOf(event), ...replayHeaders(isReplay) });
    reply.headers(revisionHeader(event.revision));
    return { success: true, event: toEventView(event) };
  }

  @Get()
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'listEvents',
    summary: 'Search events, newest first',
    description:
      'Returns one page at a time, with the counts as stored. All filters may be combined. Paging neither skips nor repeats an event ' +
      'that existed when it began, unless an edit meanwhile changes whether it fits the filters, or what the list is sorted by.',
  })
  @ApiOkResponse({ description: 'A page of events.', type: EventListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_QUERY, overloaded(), ...DATABASE_PROBLEMS)
  async list(
    @Query() query: ListEventsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventListResponse> {
    const { items, nextCursor } = await this.events.list({
      filter: filterOf(query),
      sort: query.sort ?? 'newest',
      cursor: query.cursor,
      limit: limitOf(query),
    });
    reply.headers({ 'Cache-Control': 'no-cache', ...linkToNext('/events', { ...query }, nextCursor) });
    return { success: true, events: items.map(toEventView), nextCursor };
  }

  @Get(':id')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'getEvent',
    summary: 'Get an event and how many tickets it has left',
    description:
      'Returns the state that a majority of the database has. Where servers share a Redis it may be up to a second old; ' +
      '`Min-Event-Revision` keeps older states away.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiHeader({
    name: 'Min-Event-Revision',
    required: false,
    description: 'The `Event-Revision` of an earlier answer: the state is that one, or a later one.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  })
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'An ETag: the answer is 304 while the event is unchanged.',
  })
  @ApiOkResponse({ description: 'The event.', type: EventResponse, headers: { ...ETAG_HEADER, ...REVISION_HEADER } })
  @ApiResponse({ status: 304, description: 'The event is unchanged.', headers: ETAG_HEADER })
  @ApiProblems(INVALID_ID, INVALID_QUERY, eventNotFound(EXAMPLE_EVENT_ID), revisionUnknown(7, 2))
  @ApiProblems(overloaded(), ...DATABASE_PROBLEMS)
  async get(
    @Param() { id }: IdParam,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Headers('min-event-revision') least: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventResponse | undefined> {
    const event = await this.events.get(id, leastRevisionOf(least));
    const etag = etagOf(event);
    reply.headers({ ETag: etag, 'Cache-Control': 'no-cache', ...revisionHeader(event.revision) });
    if (isNoneMatch(ifNoneMatch, etag)) {
      reply.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return { success: true, event: toEventView(event) };
  }
}
