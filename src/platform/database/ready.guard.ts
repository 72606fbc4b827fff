import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Database } from './database.js';

const WITHOUT_DATABASE = 'without-database';

/** Marks a controller that answers while the database is not ready. */
export const WithoutDatabase = () => SetMetadata(WITHOUT_DATABASE, true);

/** What was said of each route: it never changes, and to look it up costs every request. */
const known = new WeakMap<object, boolean>();

/** Whether the route that is about to be called answers while the database is not ready. */
export function isWithoutDatabase(context: ExecutionContext, reflector: Reflector): boolean {
  const handler = context.getHandler();
  let isMarked = known.get(handler);
  if (isMarked === undefined) {
    isMarked =
      reflector.getAllAndOverride<boolean | undefined>(WITHOUT_DATABASE, [handler, context.getClass()]) ?? false;
    known.set(handler, isMarked);
  }
  return isMarked;
}

/** Answers 503 until the migrations are done. */
@Injectable()
export class ReadyGuard implements CanActivate {
  constructor(
    private readonly database: Database,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (!isWithoutDatabase(context, this.reflector)) this.database.assertReady();
    return true;
  }
}
