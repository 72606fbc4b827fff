import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { Problem } from '../../common/problem.js';
import { forbidden } from './auth.problems.js';
import { mayCall } from './caller.js';
import { Callers } from './callers.js';
import { accessTo } from './scopes.decorator.js';

/** Refuses every caller that the route does not allow. A route that declares no scopes accepts no key. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly callers: Callers,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessTo(context, this.reflector);
    if (access === 'everybody') return true;
    const caller = await this.callers.identify(context);
    if (caller instanceof Problem) {
      context.switchToHttp().getResponse<FastifyReply>().header('WWW-Authenticate', 'Bearer');
      throw caller;
    }
    if (access.length === 0 || !mayCall(caller, access)) throw forbidden(access);
    return true;
  }
}
