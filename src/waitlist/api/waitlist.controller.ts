import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  bookingLimitReached,
  doneHeaders,
  notOnSale,
  overloaded,
  saleEnded,
  saleNotStarted,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from '../../bookings/index.js';
import { Clock, type Instant } from '../../common/clock.js';
import {
  EXAMPLE_ENTRY_ID,
  EXAMPLE_EVENT_ID,
  EXAMPLE_INSTANT,
  EXAMPLE_SECTION_IDS,
} from '../../common/http/api-examples.js';
import { REVISION_HEADER } from '../../common/http/event-revision.js';
import { CREATED_HEADERS, PAGE_HEADERS } from '../../common/http/api-headers.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID, INVALID_QUERY } from '../../common/http/api-problems.decorator.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { idempotencyKeyOf, REPLAYED_HEADER, TakesIdempotencyKey } from '../../common/http/idempotency-key.js';
import { linkToNext } from '../../common/http/link.js';
import { NoBodyPipe } from '../../common/http/no-body.pipe.js';
import { limitOf } from '../../common/http/page.query.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../common/idempotency.js';
import { eventNotFound } from '../../events/index.js';
import { callerOf, ForScopes, scopeToCaller } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown, upgradeInProgress } from '../../platform/database/index.js';
import { entryNotFound, ticketsAvailable, wrongEntryState } from '../waitlist.problems.js';
import { WaitlistReads } from '../waitlist-reads.js';
import { WaitlistService } from '../waitlist.service.js';
import { EntryParams, JOIN_BODY, JoinDto, ListEntriesQuery, toJoinRequest } from './waitlist.dto.js';
import { EntryListResponse, EntryResponse, toEntryView } from './waitlist.view.js';

const [SECTION_ID] = EXAMPLE_SECTION_IDS;
const COMMIT_PROBLEMS = [overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown()];
const ENTRY_ID = { ...apiId(EXAMPLE_ENTRY_ID), name: 'entryId' };

@ApiTags('waitlist')
@Controller('events/:id/waitlist')
export class WaitlistController {
  constructor(
    private readonly waitlist: WaitlistService,
    private readonly reads: WaitlistReads,
    private readonly clock: Clock,
  ) {}

  @Post()
  @ForScopes('sell')
  @ApiOperation({
    operationId: 'joinWaitlist',
    summary: 'Wait for tickets',
    description:
      'Tickets that become free are offered to the first in the order whom they fit, as a hold that ends after ' +
      '`OFFER_SECONDS`, and never to the public before. A user waits once for each pool: a second request gets the first entry.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiBody(JOIN_BODY)
  @TakesIdempotencyKey()
  @ApiCreatedResponse({
    description: 'The entry, committed.',
    type: EntryResponse,
    headers: { ...CREATED_HEADERS, ...REPLAYED_HEADER, ...REVISION_HEADER },
  })
  @ApiOkResponse({
    description: 'The entry with which the user waits already.',
    type: EntryResponse,
    headers: REVISION_HEADER,
  })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, sectionRequired())
  @ApiProblems(eventNotFound(EXAMPLE_EVENT_ID), sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID))
  @ApiProblems(
    ticketsAvailable(2),
    notOnSale('ended'),
    saleNotStarted(EXAMPLE_INSTANT),
    saleEnded(EXAMPLE_INSTANT),
    bookingLimitReached(4, 5),
    userLimitReached(4, 3, 2),
    idempotencyInProgress(),
    idempotencyKeyReused(),
  )
  @ApiProblems(...COMMIT_PROBLEMS, upgradeInProgress())
  async join(
    @Param() { id }: IdParam,
    @Body() dto: JoinDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EntryResponse> {
    const at = this.now();
    const caller = callerOf(request);
    const wanted = toJoinRequest(id, dto, scopeToCaller(idempotencyKeyOf(request), caller));
    const done = await this.waitlist.join(wanted, caller, at, disconnectionOf(request));
    const { entry, isNew } = done.result;
    reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    reply.headers({ Location: `/events/${entry.eventId}/waitlist/${entry.id}`, ...doneHeaders(done) });
    return { success: true, entry: toEntryView(await this.reads.show(entry)) };
  }

  @Get()
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'listWaitlist',
    summary: 'List a waitlist in its order',
    description: 'A key that only sells sees the entries that it has made.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiOkResponse({ description: 'The entries, first come first.', type: EntryListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_ID, INVALID_QUERY, eventNotFound(EXAMPLE_EVENT_ID), overloaded(), ...DATABASE_PROBLEMS)
  async list(
    @Param() { id }: IdParam,
    @Query() query: ListEntriesQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EntryListResponse> {
    const { userId, status, cursor } = query;
    const wanted = { eventId: id.toLowerCase(), userId, status };
    const { items, nextCursor } = await this.reads.list(wanted, callerOf(request), limitOf(query), cursor);
    reply.headers(linkToNext(`/events/${wanted.eventId}/waitlist`, { ...query }, nextCursor));
    return { success: true, entries: items.map(toEntryView), nextCursor };
  }

  @Get(':entryId')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'getWaitlistEntry',
    summary: 'Get an entry of a waitlist',
    description: 'Says whether its tickets are offered by now, and how many wait before.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiParam(ENTRY_ID)
  @ApiOkResponse({ description: 'The entry.', type: EntryResponse })
  @ApiProblems(INVALID_ID, eventNotFound(EXAMPLE_EVENT_ID), entryNotFound(EXAMPLE_ENTRY_ID))
  @ApiProblems(overloaded(), ...DATABASE_PROBLEMS)
  async get(@Param() { id, entryId }: EntryParams, @Req() request: FastifyRequest): Promise<EntryResponse> {
    return { success: true, entry: toEntryView(await this.reads.look(id, entryId, callerOf(request))) };
  }

  @Post(':entryId/leave')
  @ForScopes('sell', 'operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'leaveWaitlist',
    summary: 'Wait no longer',
    description: 'Tickets that were offered are given back, and go to the next who wait for them.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiParam(ENTRY_ID)
  @ApiBody({ required: false, schema: { type: 'object', maxProperties: 0 } })
  @ApiOkResponse({ description: 'The entry that was left.', type: EntryResponse, headers: REVISION_HEADER })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, eventNotFound(EXAMPLE_EVENT_ID), entryNotFound(EXAMPLE_ENTRY_ID))
  @ApiProblems(wrongEntryState('accepted', 'left'), ...COMMIT_PROBLEMS)
  async leave(
    @Param() { id, entryId }: EntryParams,
    @Body(NoBodyPipe) _none: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EntryResponse> {
    const at = this.now();
    const entry = await this.reads.get(id, entryId, callerOf(request));
    const done = await this.waitlist.leave(entry, at, disconnectionOf(request));
    const left = done.result;
    reply.headers(doneHeaders(done));
    return { success: true, entry: toEntryView({ entry: left, status: left.status, position: 0 }) };
  }

  /** Taken before anything is waited for, it is when a request arrived. */
  private now(): Instant {
    return this.clock.now().getTime();
  }
}
