import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/problem.js';
import { ApiKeysService } from './api-keys.service.js';
import { isWithoutDatabase, StartupError } from '../database/index.js';
import { AUTH_CONFIG, type AuthConfig } from './auth.config.js';
import { unauthorized } from './auth.problems.js';
import { ANYBODY, type Caller } from './caller.js';
import { isLoopback } from './loopback.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guards: the caller, or the problem with its key. */
    caller?: Caller | Problem;
  }
}

const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;

/** Identifies the caller of a request by its `Authorization` header. */
@Injectable()
export class Callers {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly reflector: Reflector,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /** The caller, or the 401 that says why there is none. Throws `database_unavailable`. */
  async identify(context: ExecutionContext): Promise<Caller | Problem> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    // A server whose database is away has to be looked at all the more.
    const orAsLastSeen = isWithoutDatabase(context, this.reflector);
    return (request.caller ??= await this.find(request.headers.authorization, orAsLastSeen));
  }

  /** Whether the caller of a request that is still being answered may still call. True while the database can't say. */
  async isStillKnown({ headers }: FastifyRequest): Promise<boolean> {
    const found = await this.find(headers.authorization, false).catch(() => undefined);
    return !(found instanceof Problem);
  }

  /** Whether the server may only listen when there is a key: others than this machine would reach an open API. */
  get mustHaveKeys(): boolean {
    return this.config.auth === 'on' && !isLoopback(this.config.host);
  }

  /** Throws a StartupError where there is no key. */
  async assertKeys(): Promise<void> {
    const unreadable = new StartupError('The API keys can not be read: the database does not answer. Start again.');
    if (await this.keys.exist().catch(() => Promise.reject(unreadable))) return;
    throw new StartupError(
      `Without an API key everybody who reaches ${this.config.host} could do everything: make a key ` +
        '(npm run -s keys -- create --scope operate --name NAME), set HOST=127.0.0.1, or say AUTH=off.',
    );
  }

  /** Describes for the operator which callers are allowed. */
  async describe(): Promise<string> {
    if (this.config.auth === 'off') return 'not asked for (AUTH=off)';
    const isOpen = await this.isOpen(true).catch(() => undefined);
    if (isOpen === undefined) return 'not known yet: the database does not answer';
    return isOpen ? 'none: open to this machine until the first is made (npm run keys)' : 'required';
  }

  /** Whether the API answers without a key: by configuration, or on a machine of one's own, until there is one. */
  private async isOpen(orAsLastSeen = false): Promise<boolean> {
    return this.config.auth === 'off' || (!this.mustHaveKeys && !(await this.keys.exist(orAsLastSeen)));
  }

  private async find(authorization: string | undefined, orAsLastSeen: boolean): Promise<Caller | Problem> {
    if (this.config.auth === 'off') return ANYBODY;
    if (authorization === undefined) {
      return (await this.isOpen(orAsLastSeen)) ? ANYBODY : unauthorized('Send the header Authorization: Bearer KEY.');
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return unauthorized('The Authorization header is not Bearer and an API key.');
    return (
      (await this.keys.findHolder(token, orAsLastSeen)) ?? unauthorized('There is no such API key, or it was revoked.')
    );
  }
}

/** The caller of a request that has passed the guards. */
export function callerOf({ caller }: FastifyRequest): Caller {
  return caller instanceof Problem || !caller ? ANYBODY : caller;
}
