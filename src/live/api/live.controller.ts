import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../../common/clock.js';
import { EXAMPLE_EVENT_ID } from '../../common/http/api-examples.js';
import { ApiProblems, INVALID_ID } from '../../common/http/api-problems.decorator.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { overloaded } from '../../common/overloaded.js';
import { invalidInput } from '../../common/problem.js';
import { eventNotFound } from '../../events/index.js';
import { Callers, ForScopes } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS } from '../../platform/database/index.js';
import { shuttingDown } from '../../platform/http/index.js';
import { Overload } from '../../platform/overload/index.js';
import { tooManyStreams } from '../live.problems.js';
import { LiveService } from '../live.service.js';
import { AvailabilityView, EXAMPLE_STREAM, SectionAvailabilityView } from './availability.view.js';
import { EventStream } from './event-stream.js';
import { FollowEventsQuery, IDS_MESSAGE, idsOf } from './follow-events.query.js';

const STREAM = {
  description: 'Server-sent events. The data of each is an `AvailabilityView`. A comment follows every 15 s.',
  content: { 'text/event-stream': { schema: { type: 'string' as const }, example: EXAMPLE_STREAM } },
};
const UNAVAILABLE = [tooManyStreams(2_000), shuttingDown(), overloaded(), ...DATABASE_PROBLEMS];
const NOT_FOUND = eventNotFound(EXAMPLE_EVENT_ID);
const HOW =
  'Sends the state at once, and then the newest committed one, at most 4 a second for each event, whichever server sells. ' +
  'A slow client skips states. The `id` of a message is the revision of its event. The stream of a deleted event ends.';

@ApiTags('live')
@ApiExtraModels(AvailabilityView, SectionAvailabilityView)
@Controller()
export class LiveController {
  constructor(
    private readonly live: LiveService,
    private readonly callers: Callers,
    private readonly overload: Overload,
    private readonly clock: Clock,
  ) {}

  @Get('events/:id/availability/stream')
  @ForScopes('sell', 'operate')
  @ApiOperation({ operationId: 'followEvent', summary: 'Follow the availability of an event', description: HOW })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The revision that the client has: it is not sent again. Anything else is ignored.',
  })
  @ApiOkResponse(STREAM)
  @ApiProblems(INVALID_ID, NOT_FOUND, ...UNAVAILABLE)
  follow(
    @Param() { id }: IdParam,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.open([id.toLowerCase()], toRevision(lastEventId), request, reply);
  }

  @Get('availability/stream')
  @ForScopes('sell', 'operate')
  @ApiOperation({
    operationId: 'followEvents',
    summary: 'Follow the availability of up to 100 events',
    description: `${HOW} Here \`Last-Event-ID\` is ignored: a revision does not say of which event it is.`,
  })
  @ApiOkResponse(STREAM)
  @ApiProblems(invalidInput([{ pointer: '#/eventIds', message: IDS_MESSAGE }]), NOT_FOUND, ...UNAVAILABLE)
  followMany(
    @Query() query: FollowEventsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.open(idsOf(query), undefined, request, reply);
  }

  private async open(
    eventIds: readonly string[],
    seen: number | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const listener = await this.live.follow(eventIds, seen);
    const stream = new EventStream(request, reply, this.clock, () => this.callers.isStillKnown(request));
    stream.open(() => this.live.leave(listener));
    this.overload.release(reply.raw);
    listener.connect(stream);
  }
}

function toRevision(lastEventId: string | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
