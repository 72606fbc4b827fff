import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { CREATED_HEADERS, PAGE_HEADERS } from '../common/http/api-headers.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_INPUT } from '../common/http/api-problems.decorator.js';
import { IdParam } from '../common/http/id.param.js';
import { linkToNext } from '../common/http/link.js';
import { NoBodyPipe } from '../common/http/no-body.pipe.js';
import { limitOf } from '../common/http/page.query.js';
import { databaseUnavailable, outcomeUnknown } from '../platform/database/index.js';
import {
  bookingNotFound,
  eventNotFound,
  notEnoughTickets,
  notOnSale,
  overloaded,
  sectionNotFound,
  sectionRequired,
} from './bookings.problems.js';
import { BookingsService } from './bookings.service.js';
import { BookDto, toBookingRequest } from './dto/book.dto.js';
import {
  BookedResponse,
  BookingListResponse,
  BookingResponse,
  toBookingListJson,
  toBookingView,
} from './dto/booking.view.js';
import { ListBookingsQuery } from './dto/list-bookings.query.js';

const EVENT_ID = '67841f2a3b4c5d6e7f809100';
const SECTION_ID = '67841f2a3b4c5d6e7f809101';
const BOOKING_ID = '67842a1b2c3d4e5f60718293';
const COMMIT_PROBLEMS = [overloaded(), databaseUnavailable(), outcomeUnknown()];

@ApiTags('bookings')
@Controller()
export class BookingsController {
  constructor(private readonly bookings: BookingsService) {}

  @Post('book')
  @ApiOperation({ summary: 'Book tickets', description: 'All of the tickets, or none of them.' })
  @ApiCreatedResponse({ type: BookedResponse, headers: CREATED_HEADERS })
  @ApiProblems(...BODY_PROBLEMS, sectionRequired())
  @ApiProblems(eventNotFound(EVENT_ID), sectionNotFound(SECTION_ID, EVENT_ID))
  @ApiProblems(notEnoughTickets(0, 1, undefined), notEnoughTickets(1, 2, SECTION_ID), notOnSale('paused'))
  @ApiProblems(...COMMIT_PROBLEMS)
  async book(@Body() dto: BookDto, @Res({ passthrough: true }) reply: FastifyReply): Promise<BookedResponse> {
    const booking = await this.bookings.book(toBookingRequest(dto));
    reply.header('Location', `/bookings/${booking.id}`);
    return { success: true, message: 'Booking successful', booking: toBookingView(booking) };
  }

  @Get('bookings')
  @ApiOperation({
    summary: 'List bookings, newest first',
    description: 'All of them, streamed; with `limit` or `cursor`, a page.',
  })
  @ApiOkResponse({ type: BookingListResponse, headers: PAGE_HEADERS })
  @ApiProblems(INVALID_INPUT, databaseUnavailable())
  async list(
    @Query() query: ListBookingsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BookingListResponse | StreamableFile> {
    const filter = { eventId: query.eventId, userId: query.userId };
    if (query.limit === undefined && query.cursor === undefined) {
      const json = Readable.from(toBookingListJson(await this.bookings.all(filter)), { objectMode: false });
      return new StreamableFile(json, { type: 'application/json; charset=utf-8' });
    }
    const { items, nextCursor } = await this.bookings.list(filter, limitOf(query), query.cursor);
    reply.headers(linkToNext('/bookings', { ...query }, nextCursor));
    return { success: true, bookings: items.map(toBookingView), nextCursor };
  }

  @Get('bookings/:id')
  @ApiOperation({ summary: 'Get a booking' })
  @ApiParam({ name: 'id', example: BOOKING_ID })
  @ApiOkResponse({ type: BookingResponse })
  @ApiProblems(INVALID_INPUT, bookingNotFound(BOOKING_ID), databaseUnavailable())
  async get(@Param() { id }: IdParam): Promise<BookingResponse> {
    return { success: true, booking: toBookingView(await this.bookings.get(id)) };
  }

  @Post('bookings/:id/cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Cancel a booking',
    description: 'Returns its tickets exactly once, however often it is called; the booking stays.',
  })
  @ApiParam({ name: 'id', example: BOOKING_ID })
  @ApiBody({ required: false, schema: { type: 'object', maxProperties: 0 } })
  @ApiOkResponse({ type: BookingResponse })
  @ApiProblems(...BODY_PROBLEMS, bookingNotFound(BOOKING_ID), ...COMMIT_PROBLEMS)
  async cancel(@Param() { id }: IdParam, @Body(NoBodyPipe) _none: unknown): Promise<BookingResponse> {
    return { success: true, booking: toBookingView(await this.bookings.cancel(id)) };
  }
}
