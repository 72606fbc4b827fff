import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiBearerAuth } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { rateLimited } from '../../common/rate-limited.js';
import type { Scope } from './api-key.js';
import { forbidden, unauthorized } from './auth.problems.js';

const ROUTE_ACCESS = 'route-access';
/** The scopes of which a caller has one, or that there is nothing to ask for. */
export type RouteAccess = readonly Scope[] | 'everybody';

/** The route is for keys with one of these scopes. */
export function ForScopes(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ACCESS, scopes satisfies RouteAccess),
    ApiBearerAuth(),
    ApiProblems(unauthorized('Send the header Authorization: Bearer KEY.'), forbidden(scopes), rateLimited(60)),
  );
}

/** What each route asks for: it never changes, and to look it up costs every request twice. */
const known = new WeakMap<object, RouteAccess>();

/** Scopes that this route accepts. A route that declares none accepts no key. */
export function accessTo(context: ExecutionContext, reflector: Reflector): RouteAccess {
  const handler = context.getHandler();
  let access = known.get(handler);
  if (!access) {
    access = reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, [handler, context.getClass()]) ?? [];
    known.set(handler, access);
  }
  return access;
}

/** The route is for everybody, with a key or without one. */
export const ForEverybody = () => SetMetadata(ROUTE_ACCESS, 'everybody' satisfies RouteAccess);
