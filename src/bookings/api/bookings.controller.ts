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
import { Readable } from 'node:stream';
import {
  EXAMPLE_BOOKING_ID,
  EXAMPLE_EVENT_ID,
  EXAMPLE_INSTANT,
  EXAMPLE_SECTION_IDS,
} from '../../common/http/api-examples.js';
import { ACCEPTED, AcceptedResponse, showAccepted } from './accepted.view.js';
import { doneHeaders } from './done-headers.js';
import { REVISION_HEADER } from '../../common/http/event-revision.js';
import { CREATED_HEADERS, PAGE_HEADERS } from '../../common/http/api-headers.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID, INVALID_QUERY } from '../../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { idempotencyKeyOf, REPLAYED_HEADER, TakesIdempotencyKey } from '../../common/http/idempotency-key.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { MayRespondAsync, prefersAsync } from '../../common/http/prefer.js';
import { linkToNext } from '../../common/http/link.js';
import { limitOf, PageQuery } from '../../common/http/page.query.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../common/idempotency.js';
import { fetchFirst } from '../../common/fetch-first.js';
import { assertHasScopes, callerOf, ForScopes, scopeToCaller, SCOPES } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown, upgradeInProgress } from '../../platform/database/index.js';
import {
  bookingLimitReached,
  bookingNotFound,
  cancelledBooking,
  eventNotFound,
  idempotencyKeyRequired,
  notEnoughLeft,
  notEnoughTickets,
  notOnSale,
  overloaded,
  queuedAhead,
  saleEnded,
  saleNotStarted,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from '../bookings.problems.js';
import { BookingCommands } from '../booking-commands.js';
import { BookingReads } from '../booking-reads.js';
import { RequestQueue } from '../request-queue.js';
import { BookingsService } from '../bookings.service.js';
import { BOOK_BODY, BOOK_SCHEMAS, BookDto, toBookingRequest } from './book.dto.js';
import {
  BookedResponse,
  BookingListResponse,
  BookingResponse,
  toBookingListJson,
  toBookingView,
} from './booking.view.js';
import { CANCEL_BODY, CancelDto, toCancelRequest, TransferDto } from './change-booking.dto.js';
import { BookingHistoryResponse, toHistoryView } from './history.view.js';
import { ListBookingsQuery, toBookingFilter } from './list-bookings.query.js';

const [SECTION_ID] = EXAMPLE_SECTION_IDS;
const BOOKING_CONFLICTS = [
  notEnoughTickets(0, 1, undefined),
  notEnoughTickets(1, 2, SECTION_ID),
  notOnSale('paused'),
  saleNotStarted(EXAMPLE_INSTANT),
  saleEnded(EXAMPLE_INSTANT),
  bookingLimitReached(4, 5),
  userLimitReached(4, 3, 2),
  idempotencyInProgress(),
];
const NOT_FOUND = [bookingNotFound(EXAMPLE_BOOKING_ID), eventNotFound(EXAMPLE_EVENT_ID)];
const COMMIT_PROBLEMS = [overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown()];

@ApiTags('bookings')
@Controller()
export class BookingsController {
  constructor(
    private readonly bookings: BookingsService,
    private readonly reads: BookingReads,
    private readonly commands: BookingCommands,
    private readonly queue: RequestQueue,
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
  @MayRespondAsync()
  @TakesIdempotencyKey()
  @ApiCreatedResponse({
    description: 'The booking, committed.',
    type: BookedResponse,
    headers: { ...CREATED_HEADERS, ...REPLAYED_HEADER, ...REVISION_HEADER },
  })
  @ApiAcceptedResponse(ACCEPTED)
  @ApiProblems(...BODY_PROBLEMS, sectionRequired())
  @ApiProblems(eventNotFound(EXAMPLE_EVENT_ID), sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID))
  @ApiProblems(...BOOKING_CONFLICTS, idempotencyKeyReused())
  @ApiProblems(...COMMIT_PROBLEMS, queuedAhead(), upgradeInProgress())
  async book(
    @Body() dto: BookDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookedResponse | AcceptedResponse> {
    const caller = callerOf(request);
    const wanted = toBookingRequest(dto, scopeToCaller(idempotencyKeyOf(request), caller));
    if (wanted.ignoreUserLimit) assertHasScopes(caller, SCOPES);
    if (prefersAsync(request)) {
      const command = this.commands.book(wanted, caller.key?.id);
      return showAccepted(await this.queue.accept(command.bookingId, command, caller, disconnectionOf(request)), reply);
    }
    const done = await this.bookings.book(wanted, caller, disconnectionOf(request));
    reply.headers({ Location: `/bookings/${done.result.id}`, ...doneHeaders(done) });
    return { success: true, message: 'Booking successful', booking: toBookingView(done.result) };
  }

  @Get('bookings')
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'listBookings',
    summary: 'List bookings, newest first',
    description:
      'Streams all bookings. With `limit` or `cursor` it returns one page. Filter by `eventId`, by `userId` or by `reference`; ' +
      'with `eventId`, also by one of `userId`, `status`, and `bookedFrom` with `bookedTo`.',
  })
  @ApiOkResponse({ description: 'The bookings.', type: BookingListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_QUERY, overloaded(), ...DATABASE_PROBLEMS)
  async list(
    @Query() query: ListBookingsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookingListResponse | StreamableFile> {
    const filter = toBookingFilter(query);
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
  @ForScopes('sell', 'operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'cancelBooking',
    summary: 'Cancel a booking, or a part of it',
    description:
      'Without `quantity` and `items`, returns all tickets that are left, exactly once, however often it is called. A part needs ' +
      'an `Idempotency-Key`: repeated without one, it would return more. The booking is kept.',
  })
  @ApiParam(apiId(EXAMPLE_BOOKING_ID))
  @ApiBody(CANCEL_BODY)
  @TakesIdempotencyKey('cancel-1')
  @ApiOkResponse({
    description: 'The booking.',
    type: BookingResponse,
    headers: { ...REPLAYED_HEADER, ...REVISION_HEADER },
  })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, sectionRequired(), idempotencyKeyRequired())
  @ApiProblems(...NOT_FOUND, sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID), notEnoughLeft(1, 2, undefined))
  @ApiProblems(idempotencyInProgress(), idempotencyKeyReused(), ...COMMIT_PROBLEMS, upgradeInProgress())
  async cancel(
    @Param() { id }: IdParam,
    @Body() dto: CancelDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookingResponse> {
    const caller = callerOf(request);
    const wanted = toCancelRequest(dto, scopeToCaller(idempotencyKeyOf(request), caller));
    const booking = await this.reads.get(id, caller);
    const done = await this.bookings.cancel(booking, wanted, caller, disconnectionOf(request));
    reply.headers(doneHeaders(done));
    return { success: true, booking: toBookingView(done.result.booking) };
  }

  @Post('bookings/:id/transfer')
  @ForScopes('sell', 'operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'transferBooking',
    summary: 'Give the tickets of a booking to another user',
    description:
      "Takes no tickets from what is available. They count for the receiver's limit, and no longer for the giver's.",
  })
  @ApiParam(apiId(EXAMPLE_BOOKING_ID))
  @ApiBody({ type: TransferDto })
  @ApiOkResponse({ description: 'The booking.', type: BookingResponse, headers: REVISION_HEADER })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, ...NOT_FOUND, cancelledBooking(), userLimitReached(4, 3, 2))
  @ApiProblems(...COMMIT_PROBLEMS, upgradeInProgress())
  async transfer(
    @Param() { id }: IdParam,
    @Body() { userId }: TransferDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookingResponse> {
    const caller = callerOf(request);
    const booking = await this.reads.get(id, caller);
    const done = await this.bookings.transfer(booking, userId, caller, disconnectionOf(request));
    reply.headers(doneHeaders(done));
    return { success: true, booking: toBookingView(done.result) };
  }

  @Get('bookings/:id/history')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'getBookingHistory',
    summary: 'Read what happened to a booking, oldest first',
    description:
      'Returns one page at a time: when it was booked, cancelled or transferred, how many tickets, why, and by whom.',
  })
  @ApiParam(apiId(EXAMPLE_BOOKING_ID))
  @ApiOkResponse({ description: 'A page of the history.', type: BookingHistoryResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_ID, INVALID_QUERY, bookingNotFound(EXAMPLE_BOOKING_ID), overloaded(), ...DATABASE_PROBLEMS)
  async history(
    @Param() { id }: IdParam,
    @Query() query: PageQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookingHistoryResponse> {
    const booking = await this.reads.get(id, callerOf(request));
    const { items, nextCursor } = await this.reads.history(booking, limitOf(query), query.cursor);
    reply.headers(linkToNext(`/bookings/${booking.id}/history`, { ...query }, nextCursor));
    return { success: true, history: items.map(toHistoryView), nextCursor };
  }
}
