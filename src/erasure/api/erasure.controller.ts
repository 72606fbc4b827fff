import { Body, Controller, HttpCode, HttpStatus, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { overloaded } from '../../bookings/index.js';
import { ApiProblems, BODY_PROBLEMS } from '../../common/http/api-problems.decorator.js';
import { disconnectionOf } from '../../common/http/has-disconnected.js';
import { callerOf, ForScopes } from '../../platform/auth/index.js';
import { DATABASE_PROBLEMS, outcomeUnknown, upgradeInProgress } from '../../platform/database/index.js';
import { ErasureService } from '../erasure.service.js';
import { EraseUserDto, UserErasedResponse } from './erase-user.dto.js';

@ApiTags('users')
@Controller('users')
export class ErasureController {
  constructor(private readonly erasure: ErasureService) {}

  @Post('erase')
  @ForScopes('operate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'eraseUser',
    summary: 'Erase a user',
    description:
      'Puts a random pseudonym in the place of the user wherever the user is stored. Tickets, counts and the data of others stay as they ' +
      'are. Metadata and idempotency keys of what the user has bought or held are removed. Works for about two seconds: call it ' +
      'again until `done` is true. After a `503`, call it again. A user who comes back starts at zero.',
  })
  @ApiBody({ type: EraseUserDto })
  @ApiOkResponse({ description: 'What was replaced.', type: UserErasedResponse })
  @ApiProblems(...BODY_PROBLEMS)
  @ApiProblems(overloaded(), ...DATABASE_PROBLEMS, outcomeUnknown(), upgradeInProgress())
  async erase(@Body() { userId }: EraseUserDto, @Req() request: FastifyRequest): Promise<UserErasedResponse> {
    return { success: true, ...(await this.erasure.erase(userId, callerOf(request), disconnectionOf(request))) };
  }
}
