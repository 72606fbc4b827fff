import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { EXAMPLE_BOOKING_ID, EXAMPLE_EVENT_ID, EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import { CREATED_HEADERS, PAGE_HEADERS } from '../../common/http/api-headers.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID, INVALID_QUERY } from '../../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import {
  idempotencyKeyOf,
  REPLAYED_HEADER,
  replayHeaders,
  TakesIdempotencyKey,
} from '../../common/http/idempotency-key.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { linkToNext } from '../../common/http/link.js';
import { NoBodyPipe } from '../../common/http/no-body.pipe.js';
import { limitOf } from '../../common/http/page.query.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../common/idempotency.js';
import { fetchFirst } from '../../common/fetch-first.js';
import { assertHasScopes, callerOf, ForScopes, scopeToCaller, SCOPES } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown } from '../../platform/database/index.js';
import {
  bookingNotFound,
  eventNotFound,
  notEnoughTickets,
  notOnSale,
  overloaded,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from '../bookings.problems.js';
import { BookingReads } from '../booking-reads.js';
import { BookingsService } from '../bookings.service.js';
import { BOOK_BODY, BOOK_SCHEMAS, BookDto, toBookingRequest } from './book.dto.js';
import {
  BookedResponse,
  BookingListResponse,
  BookingResponse,
  toBookingListJson,
  toBookingView,
} from './booking.view.js';
import { ListBookingsQuery } from './list-bookings.query.js';

const [SECTION_ID] = EXAMPLE_SECTION_IDS;
const BOOKING_CONFLICTS = [
  notEnoughTickets(0, 1, undefined),
  notEnoughTickets(1, 2, SECTION_ID),
  notOnSale('paused'),
  userLimitReached(4, 3, 2),
  idempotencyInProgress(),
];
const COMMIT_PROBLEMS = [overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown()];

@ApiTags('bookings')
@Controller()
export class BookingsController {
  constructor(
    private readonly bookings: BookingsService,
    private readonly reads: BookingReads,
  ) {}

  @Post('book')
  @ForScopes('sell')
  @ApiOperation({
    operationId: 'book',
    summary: 'Book tickets',
    description:
      'Books all of the tickets or none. A `409` is based on committed data. After a `503`, retry: ' +
      'nothing was booked, unless the code is `outcome_unknown`.',
  })
  @ApiExtraModels(...BOOK_SCHEMAS)
  @ApiBody(BOOK_BODY)
  @TakesIdempotencyKey()
  @ApiCreatedResponse({
    description: 'The booking, committed.',
    type: BookedResponse,
    headers: { ...CREATED_HEADERS, ...REPLAYED_HEADER },
  })
  @ApiProblems(...BODY_PROBLEMS, sectionRequired())
  @ApiProblems(eventNotFound(EXAMPLE_EVENT_ID), sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID))
  @ApiProblems(...BOOKING_CONFLICTS, idempotencyKeyReused())
  @ApiProblems(...COMMIT_PROBLEMS)
  async book(
    @Body() dto: BookDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookedResponse> {
    const caller = callerOf(request);
    const wanted = toBookingRequest(dto, scopeToCaller(idempotencyKeyOf(request), caller));
    if (wanted.ignoreUserLimit) assertHasScopes(caller, SCOPES);
    const { result: booking, isReplay } = await this.bookings.book(wanted, caller, disconnectionOf(request));
    reply.headers({ Location: `/bookings/${booking.id}`, ...replayHeaders(isReplay) });
    return { success: true, message: 'Booking successful', booking: toBookingView(booking) };
  }

  @Get('bookings')
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'listBookings',
    summary: 'List bookings, newest first',
    description: 'Streams all bookings. With `limit` or `cursor` it returns one page.',
  })
  @ApiOkResponse({ description: 'The bookings.', type: BookingListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_QUERY, overloaded(), ...DATABASE_PROBLEMS)
  async list(
    @Query() query: ListBookingsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookingListResponse | StreamableFile> {
    const filter = { eventId: query.eventId, userId: query.userId };
    if (query.limit === undefined && query.cursor === undefined) {
      const json = await fetchFirst(toBookingListJson(this.reads.all(filter)));
      return new StreamableFile(Readable.from(json, { objectMode: false }), {
        type: 'application/json; charset=utf-8',
      });
    }
    const { items, nextCursor } = await this.reads.list(filter, limitOf(query), query.cursor);
    reply.headers(linkToNext('/bookings', { ...query }, nextCursor));
    return { success: true, bookings: items.map(toBookingView), nextCursor };
  }

  @Get('bookings/:id')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'getBooking',
    summary: 'Get a booking',
    description: 'Returns the state that a majority of the database has.',
  })
  @ApiParam(apiId(EXAMPLE_BOOKING_ID))
  @ApiOkResponse({ description: 'The booking.', type: BookingResponse })
  @ApiProblems(INVALID_ID, bookingNotFound(EXAMPLE_BOOKING_ID), overloaded(), ...DATABASE_PROBLEMS)
  async get(@Param() { id }: IdParam, @Req() request: FastifyRequest): Promise<BookingResponse> {
    return { success: true, booking: toBookingView(await this.reads.get(id, callerOf(request))) };
  }

  @Post('bookings/:id/cancel')
  @ForScopes('sell')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'cancelBooking',
    summary: 'Cancel a booking',
    description: 'Returns the tickets of the booking exactly once, however often it is called. The booking is kept.',
  })
  @ApiParam(apiId(EXAMPLE_BOOKING_ID))
  @ApiBody({ required: false, schema: { type: 'object', maxProperties: 0 } })
  @ApiOkResponse({ description: 'The cancelled booking.', type: BookingResponse })
  @ApiProblems(...BODY_PROBLEMS, bookingNotFound(EXAMPLE_BOOKING_ID), eventNotFound(EXAMPLE_EVENT_ID))
  @ApiProblems(...COMMIT_PROBLEMS)
  async cancel(
    @Param() { id }: IdParam,
    @Body(NoBodyPipe) _none: unknown,
    @Req() request: FastifyRequest,
  ): Promise<BookingResponse> {
    const booking = await this.reads.get(id, callerOf(request));
    const cancelled = await this.bookings.cancel(booking, disconnectionOf(request));
    return { success: true, booking: toBookingView(cancelled) };
  }
}
