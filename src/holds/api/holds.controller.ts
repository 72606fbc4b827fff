import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ACCEPTED,
  AcceptedResponse,
  BookedResponse,
  bookingLimitReached,
  type Done,
  doneHeaders,
  notEnoughTickets,
  notOnSale,
  overloaded,
  queuedAhead,
  saleEnded,
  saleNotStarted,
  sectionNotFound,
  sectionRequired,
  showAccepted,
  toBookingView,
  userLimitReached,
} from '../../bookings/index.js';
import { Clock, type Instant } from '../../common/clock.js';
import {
  EXAMPLE_EVENT_ID,
  EXAMPLE_HOLD_ID,
  EXAMPLE_INSTANT,
  EXAMPLE_SECTION_IDS,
} from '../../common/http/api-examples.js';
import { CREATED_HEADERS, PAGE_HEADERS } from '../../common/http/api-headers.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID, INVALID_QUERY } from '../../common/http/api-problems.decorator.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { REVISION_HEADER } from '../../common/http/event-revision.js';
import { idempotencyKeyOf, REPLAYED_HEADER, TakesIdempotencyKey } from '../../common/http/idempotency-key.js';
import { MayRespondAsync, prefersAsync } from '../../common/http/prefer.js';
import { linkToNext } from '../../common/http/link.js';
import { NoBodyPipe } from '../../common/http/no-body.pipe.js';
import { limitOf } from '../../common/http/page.query.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../common/idempotency.js';
import { eventNotFound } from '../../events/index.js';
import { callerOf, ForScopes, scopeToCaller } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown, upgradeInProgress } from '../../platform/database/index.js';
import type { Hold } from '../hold.js';
import { HoldReads } from '../hold-reads.js';
import {
  alreadyPaid,
  holdExpired,
  holdNotFound,
  holdTooLong,
  paymentReferenceReused,
  tooManyHolds,
  wrongState,
} from '../holds.problems.js';
import { HoldsService } from '../holds.service.js';
import {
  CONFIRM_BODY,
  ConfirmDto,
  ExtendDto,
  HOLD_BODY,
  HOLD_SCHEMAS,
  HoldDto,
  toConfirmRequest,
  toHoldRequest,
} from './hold.dto.js';
import { HoldListResponse, HoldResponse, toHoldView } from './hold.view.js';
import { ListHoldsQuery, toHoldFilter } from './list-holds.query.js';

const [SECTION_ID] = EXAMPLE_SECTION_IDS;
const COMMIT_PROBLEMS = [overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown()];
const NOT_FOUND = [holdNotFound(EXAMPLE_HOLD_ID), eventNotFound(EXAMPLE_EVENT_ID)];

@ApiTags('holds')
@Controller('holds')
export class HoldsController {
  constructor(
    private readonly holds: HoldsService,
    private readonly reads: HoldReads,
    private readonly clock: Clock,
  ) {}

  @Post()
  @ForScopes('sell')
  @ApiOperation({
    operationId: 'hold',
    summary: 'Hold tickets while their buyer pays',
    description:
      'Keeps all of the tickets or none, at the price of this moment. Held tickets are not available to others, and count ' +
      "for the user's limit. Confirm the hold to book them; when it ends, they are available again at that very moment.",
  })
  @ApiExtraModels(...HOLD_SCHEMAS)
  @ApiBody(HOLD_BODY)
  @MayRespondAsync()
  @TakesIdempotencyKey()
  @ApiCreatedResponse({
    description: 'The hold, committed.',
    type: HoldResponse,
    headers: { ...CREATED_HEADERS, ...REPLAYED_HEADER, ...REVISION_HEADER },
  })
  @ApiAcceptedResponse(ACCEPTED)
  @ApiProblems(...BODY_PROBLEMS, sectionRequired())
  @ApiProblems(eventNotFound(EXAMPLE_EVENT_ID), sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID))
  @ApiProblems(
    notEnoughTickets(0, 1, undefined),
    notEnoughTickets(1, 2, SECTION_ID),
    notOnSale('paused'),
    saleNotStarted(EXAMPLE_INSTANT),
    saleEnded(EXAMPLE_INSTANT),
    bookingLimitReached(4, 5),
    userLimitReached(4, 3, 2),
    tooManyHolds(5),
    holdTooLong(3_600),
    idempotencyInProgress(),
    idempotencyKeyReused(),
  )
  @ApiProblems(...COMMIT_PROBLEMS, queuedAhead(), upgradeInProgress())
  async create(
    @Body() dto: HoldDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldResponse | AcceptedResponse> {
    const at = this.now();
    const caller = callerOf(request);
    const wanted = toHoldRequest(dto, scopeToCaller(idempotencyKeyOf(request), caller));
    if (prefersAsync(request)) {
      return showAccepted(await this.holds.createLater(wanted, caller, at, disconnectionOf(request)), reply);
    }
    const done = await this.holds.create(wanted, caller, at, disconnectionOf(request));
    reply.header('Location', `/holds/${done.result.id}`);
    return this.showDone(done, reply);
  }

  @Get()
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'listHolds',
    summary: 'List holds, newest first',
    description:
      'Combine `eventId`, `userId` and one of `status` and `settlement` as you like. `settlement=refund_due` lists the ' +
      'payments that have to be given back.',
  })
  @ApiOkResponse({ description: 'The holds.', type: HoldListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_QUERY, overloaded(), ...DATABASE_PROBLEMS)
  async list(
    @Query() query: ListHoldsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldListResponse> {
    // One moment for the filter and for what is shown: a hold may end in between.
    const now = this.clock.now().getTime();
    const { items, nextCursor } = await this.reads.list(toHoldFilter(query, now), limitOf(query), query.cursor);
    reply.headers(linkToNext('/holds', { ...query }, nextCursor));
    return { success: true, holds: items.map((hold) => toHoldView(hold, now)), nextCursor };
  }

  @Get(':id')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'getHold',
    summary: 'Get a hold',
    description: 'Returns the state that a majority of the database has; a hold whose time has come is `expired`.',
  })
  @ApiParam(apiId(EXAMPLE_HOLD_ID))
  @ApiOkResponse({ description: 'The hold.', type: HoldResponse })
  @ApiProblems(INVALID_ID, holdNotFound(EXAMPLE_HOLD_ID), overloaded(), ...DATABASE_PROBLEMS)
  async get(@Param() { id }: IdParam, @Req() request: FastifyRequest): Promise<HoldResponse> {
    return this.show(await this.reads.look(id, callerOf(request)));
  }

  @Post(':id/confirm')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'confirmHold',
    summary: 'Book what is held',
    description:
      'Books all of the tickets, or a part: the rest is available again. A hold that has ended is booked all the same if its ' +
      'tickets are still there. With a `paymentReference`, a refusal is durable: the payment is `refund_due`.',
  })
  @ApiParam(apiId(EXAMPLE_HOLD_ID))
  @ApiBody(CONFIRM_BODY)
  @TakesIdempotencyKey()
  @ApiCreatedResponse({
    description: 'The booking, committed.',
    type: BookedResponse,
    headers: { ...CREATED_HEADERS, ...REPLAYED_HEADER, ...REVISION_HEADER },
  })
  @ApiOkResponse({
    description: 'The booking that an earlier request has made.',
    type: BookedResponse,
    headers: REVISION_HEADER,
  })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, ...NOT_FOUND, sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID))
  @ApiProblems(
    wrongState('released', 'confirmed'),
    alreadyPaid(EXAMPLE_HOLD_ID),
    notEnoughTickets(1, 2, undefined),
    holdExpired(EXAMPLE_HOLD_ID),
    idempotencyKeyReused(),
    paymentReferenceReused(),
  )
  @ApiProblems(...COMMIT_PROBLEMS)
  async confirm(
    @Param() { id }: IdParam,
    @Body() dto: ConfirmDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookedResponse> {
    const at = this.now();
    const caller = callerOf(request);
    const wanted = toConfirmRequest(dto, scopeToCaller(idempotencyKeyOf(request), caller));
    const hold = await this.reads.get(id, caller);
    const done = await this.holds.confirm(hold, wanted, caller, at, disconnectionOf(request));
    const { booking, isFirst } = done.result;
    reply.status(isFirst ? HttpStatus.CREATED : HttpStatus.OK);
    reply.headers({ Location: `/bookings/${booking.id}`, ...doneHeaders(done) });
    return { success: true, message: 'Booking successful', booking: toBookingView(booking) };
  }

  @Post(':id/release')
  @ForScopes('sell', 'operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'releaseHold',
    summary: 'Give held tickets back',
    description: 'Returns the tickets exactly once, however often it is called. The hold is kept.',
  })
  @ApiParam(apiId(EXAMPLE_HOLD_ID))
  @ApiBody({ required: false, schema: { type: 'object', maxProperties: 0 } })
  @ApiOkResponse({ description: 'The released hold.', type: HoldResponse, headers: REVISION_HEADER })
  @ApiProblems(...BODY_PROBLEMS, ...NOT_FOUND, wrongState('confirmed', 'released'), ...COMMIT_PROBLEMS)
  async release(
    @Param() { id }: IdParam,
    @Body(NoBodyPipe) _none: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldResponse> {
    const at = this.now();
    const hold = await this.reads.get(id, callerOf(request));
    return this.showDone(await this.holds.release(hold, at, disconnectionOf(request)), reply);
  }

  @Post(':id/extend')
  @ForScopes('sell', 'operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'extendHold',
    summary: 'Hold tickets longer',
    description: 'The hold ends `ttlSeconds` from now. This never shortens it.',
  })
  @ApiParam(apiId(EXAMPLE_HOLD_ID))
  @ApiOkResponse({ description: 'The hold with its new end.', type: HoldResponse, headers: REVISION_HEADER })
  @ApiProblems(...BODY_PROBLEMS, ...NOT_FOUND, wrongState('confirmed', 'active'), holdTooLong(3_600))
  @ApiProblems(holdExpired(EXAMPLE_HOLD_ID), ...COMMIT_PROBLEMS)
  async extend(
    @Param() { id }: IdParam,
    @Body() { ttlSeconds }: ExtendDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldResponse> {
    const at = this.now();
    const hold = await this.reads.get(id, callerOf(request));
    return this.showDone(await this.holds.extend(hold, ttlSeconds, at, disconnectionOf(request)), reply);
  }

  @Post(':id/settled')
  @ForScopes('operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'settleHold',
    summary: 'Say that refunds were paid',
    description: 'Takes the hold off the list of payments that have to be given back. Its settlements stay.',
  })
  @ApiParam(apiId(EXAMPLE_HOLD_ID))
  @ApiBody({ required: false, schema: { type: 'object', maxProperties: 0 } })
  @ApiOkResponse({ description: 'The hold.', type: HoldResponse, headers: REVISION_HEADER })
  @ApiProblems(...BODY_PROBLEMS, ...NOT_FOUND, ...COMMIT_PROBLEMS)
  async settle(
    @Param() { id }: IdParam,
    @Body(NoBodyPipe) _none: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldResponse> {
    const hold = await this.reads.get(id, callerOf(request));
    return this.showDone(await this.holds.settleRefunds(hold, disconnectionOf(request)), reply);
  }

  /** Taken before anything is waited for, it is when a request arrived. */
  private now(): Instant {
    return this.clock.now().getTime();
  }

  private showDone(done: Done<Hold>, reply: FastifyReply): HoldResponse {
    reply.headers(doneHeaders(done));
    return this.show(done.result);
  }

  private show(hold: Hold): HoldResponse {
    return { success: true, hold: toHoldView(hold, this.now()) };
  }
}
