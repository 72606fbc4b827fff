import { Body, Controller, Delete, Headers, HttpCode, HttpStatus, Param, Patch, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { REVISION_HEADER, revisionHeader } from '../../common/http/event-revision.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { overloaded, sectionNotFound } from '../../bookings/index.js';
import { EXAMPLE_EVENT_ID, EXAMPLE_SECTION_IDS } from '../../common/http/api-examples.js';
import { ETAG_HEADER } from '../../common/http/api-headers.js';
import { ApiProblems, BODY_PROBLEMS, INVALID_ID } from '../../common/http/api-problems.decorator.js';
import { versionsOf } from '../../common/http/etag.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { apiId, IdParam } from '../../common/http/id.param.js';
import { NoBodyPipe } from '../../common/http/no-body.pipe.js';
import { invalidInput, malformedBody } from '../../common/problem.js';
import { EDIT_BODY_LIMIT_BYTES, etagOf, eventNotFound, EventResponse, toEventView } from '../../events/index.js';
import { callerOf, ForScopes } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown, upgradeInProgress } from '../../platform/database/index.js';
import { BodyLimit, MERGE_PATCH } from '../../platform/http/index.js';
import {
  capacityInUse,
  eventInUse,
  preconditionFailed,
  preconditionRequired,
  sectionInUse,
  wrongEventState,
} from '../event-edits.problems.js';
import { EventEditsService } from '../event-edits.service.js';
import { EDIT_EVENT_BODY, EditEventDto } from './edit-event.dto.js';
import { toPatch } from './to-patch.js';

const [SECTION_ID] = EXAMPLE_SECTION_IDS;
const COMMIT_PROBLEMS = [overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown(), upgradeInProgress()];

@ApiTags('events')
@Controller('events')
export class EventEditsController {
  constructor(private readonly edits: EventEditsService) {}

  @Patch(':id')
  @ForScopes('operate')
  @BodyLimit(EDIT_BODY_LIMIT_BYTES)
  @ApiOperation({
    operationId: 'editEvent',
    summary: 'Edit an event',
    description:
      'Takes a JSON merge patch: what is absent stays, and `null` removes. `sections` is the exception: an entry with `_id` changes ' +
      'that section, one without is a new section, and those that are not named stay. The capacity never falls below what is held and sold.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiHeader({
    name: 'If-Match',
    // Without it the answer is a 428 of its own, not the 400 that tools expect where a header is required.
    required: false,
    description:
      'Has to be sent: the ETag of the event as it was read, or `*`. Only the part before the dash counts: a sale breaks no edit.',
    schema: { type: 'string', example: '*' },
  })
  @ApiConsumes('application/json', MERGE_PATCH)
  @ApiBody(EDIT_EVENT_BODY)
  @ApiOkResponse({
    description: 'The event, edited.',
    type: EventResponse,
    headers: { ...ETAG_HEADER, ...REVISION_HEADER },
  })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID)
  @ApiProblems(eventNotFound(EXAMPLE_EVENT_ID), sectionNotFound(SECTION_ID, EXAMPLE_EVENT_ID))
  @ApiProblems(wrongEventState('cancelled', 'on_sale'), capacityInUse(12, 10, undefined), sectionInUse(SECTION_ID))
  @ApiProblems(preconditionFailed(3), preconditionRequired(), ...COMMIT_PROBLEMS)
  async edit(
    @Param() { id }: IdParam,
    @Body() dto: EditEventDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventResponse> {
    // An empty patch changes nothing; no patch at all is a mistake.
    if (request.body === undefined || request.body === null) throw malformedBody('The request has no body');
    if (ifMatch === undefined) throw preconditionRequired();
    const versions = versionsOf(ifMatch);
    if (versions === null) throw invalidInput([{ pointer: '#/If-Match', message: 'If-Match must be an ETag, or *' }]);
    const patch = toPatch(dto, () => this.edits.nextId());
    const event = await this.edits.edit(id, patch, versions, callerOf(request), disconnectionOf(request));
    reply.headers({ ETag: etagOf(event), ...revisionHeader(event.revision) });
    return { success: true, event: toEventView(event) };
  }

  @Delete(':id')
  @ForScopes('operate')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({
    operationId: 'deleteEvent',
    summary: 'Delete an event that was never booked or held',
    description: 'Its movements stay. An event with bookings or holds, whatever became of them, can only be cancelled.',
  })
  @ApiParam(apiId(EXAMPLE_EVENT_ID))
  @ApiNoContentResponse({ description: 'The event is deleted.' })
  @ApiProblems(...BODY_PROBLEMS, INVALID_ID, eventNotFound(EXAMPLE_EVENT_ID), eventInUse(EXAMPLE_EVENT_ID))
  @ApiProblems(...COMMIT_PROBLEMS)
  async delete(
    @Param() { id }: IdParam,
    @Body(NoBodyPipe) _none: unknown,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.edits.delete(id, callerOf(request), disconnectionOf(request));
  }
}
