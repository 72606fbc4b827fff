import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { BYTE_ORDER_MARK } from '../../common/csv.js';
import { fetchFirst } from '../../common/fetch-first.js';
import { EXAMPLE_EVENT_ID } from '../../common/http/api-examples.js';
import { ApiProblems, INVALID_ID } from '../../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { invalidInput } from '../../common/problem.js';
import { ForScopes } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS } from '../../platform/database/index.js';
import { BookingReads } from '../booking-reads.js';
import { eventNotFound, overloaded } from '../bookings.problems.js';
import { toBookingsCsv } from './booking-csv.js';
import { ExportBookingsQuery } from './export-bookings.query.js';

const EXAMPLE = [
  '_id,userId,status,section,quantity,remaining,amount,currency,bookedAt,cancelledAt,reference',
  '67842a1b2c3d4e5f60718293,user123,confirmed,Balcony,2,1,4500,EUR,2026-01-13T10:30:00.000Z,,order-1001',
].join('\r\n');
const INVALID_BOM = invalidInput([
  { pointer: '#/bom', message: 'bom must be one of the following values: true, false' },
]);

@ApiTags('bookings')
@Controller('events/:id/bookings.csv')
export class BookingsCsvController {
  constructor(private readonly reads: BookingReads) {}

  @Get()
  @ForScopes('operate')
  @ApiOperation({
    operationId: 'exportBookings',
    summary: 'Export the bookings of an event as CSV',
    description:
      'Streams all bookings of the event, newest first, one row for each item, as RFC 4180 says. `quantity` is as bought, `remaining` ' +
      'is what is left, and `amount` is the price of one ticket in minor units. Names that a spreadsheet would take for a formula get an apostrophe ' +
      'in front. Each row is as it was when it was read. If the database fails on the way, the connection breaks: a file that ends as it should is whole.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiOkResponse({
    description: 'The bookings.',
    content: { 'text/csv': { schema: { type: 'string' }, example: EXAMPLE } },
    headers: { 'Content-Disposition': { description: 'The name of the file.', schema: { type: 'string' } } },
  })
  @ApiProblems(INVALID_ID, INVALID_BOM, eventNotFound(EXAMPLE_EVENT_ID), overloaded(), ...DATABASE_PROBLEMS)
  async export(@Param() { id }: IdParam, @Query() { bom }: ExportBookingsQuery): Promise<StreamableFile> {
    const ofEvent = await this.reads.ofEvent(id);
    const csv = await fetchFirst(toBookingsCsv(ofEvent, bom === 'true' ? BYTE_ORDER_MARK : ''));
    return new StreamableFile(Readable.from(csv, { objectMode: false }), {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="bookings-${ofEvent.event.id}.csv"`,
    });
  }
}
