import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Database } from './database.js';

const WITHOUT_DATABASE = 'without-database';

/** Marks a controller that answers while the database is not ready. */
export const WithoutDatabase = () => SetMetadata(WITHOUT_DATABASE, true);

/** Answers 503 until the migrations are done. */
@Injectable()
export class ReadyGuard implements CanActivate {
  constructor(
    private readonly database: Database,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const isExempt = this.reflector.getAllAndOverride<boolean>(WITHOUT_DATABASE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!isExempt) this.database.assertReady();
    return true;
  }
}
