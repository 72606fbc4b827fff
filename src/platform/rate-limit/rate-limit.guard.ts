import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { takesIdempotencyKey } from '../../common/http/idempotency-key.js';
import { VERBS } from '../../common/http/verbs.js';
import { fingerprintOf } from '../../common/idempotency.js';
import { Problem } from '../../common/problem.js';
import { rateLimited } from '../../common/rate-limited.js';
import { startOf } from '../../common/text.js';
import { accessTo, type Caller, Callers } from '../auth/index.js';
import { Budget, type Standing, WINDOW_SECONDS } from './budget.js';
import type { Account, Ledger } from './ledger.js';
import { networkOf } from './network.js';
import { RATE_LIMIT_CONFIG, type RateLimitConfig } from './rate-limit.config.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';

export const LEDGER = Symbol('LEDGER');
const USER_ID_LENGTH_MAX = 128;

/** Refuses callers that exceed their budgets, and reports in headers how much is left. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly sell: Record<'key' | 'user' | 'ip', Budget>;
  private readonly read: Record<'key' | 'user' | 'ip', Budget>;

  constructor(
    private readonly callers: Callers,
    private readonly reflector: Reflector,
    private readonly metrics: RateLimitMetrics,
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(RATE_LIMIT_CONFIG) private readonly config: RateLimitConfig,
  ) {
    this.sell = {
      key: new Budget('sell-per-key', config.sellPerKey),
      user: new Budget('sell-per-user', config.sellPerUser),
      ip: new Budget('sell-per-ip', config.sellPerIp),
    };
    this.read = {
      key: new Budget('read-per-key', config.readPerKey),
      user: new Budget('read-per-user', config.readPerUser),
      ip: new Budget('read-per-ip', config.readPerIp),
    };
    for (const { policy } of [this.sell, this.read].flatMap(Object.values<Budget>)) metrics.showPolicy(policy);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.config.rateLimitEnabled === 'false' || accessTo(context, this.reflector) === 'everybody') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const accounts = this.accountsOf(request, await this.callers.identify(context));
    const fingerprint = takesIdempotencyKey(context, this.reflector)
      ? fingerprintOfRequest(request, accounts)
      : undefined;
    const { standings, isRepeated } = await this.ledger.charge(accounts, fingerprint);
    if (fingerprint !== undefined) {
      reply.raw.once('close', () => void this.settle(fingerprint, accounts, reply, isRepeated));
    }
    reply.headers(toHeaders(standings));
    const exceeded = standings.filter(({ isExceeded }) => isExceeded);
    if (exceeded.length === 0) return true;
    this.metrics.countLimited(exceeded.map(({ policy }) => policy));
    throw rateLimited(Math.max(...exceeded.map(({ resetSeconds }) => resetSeconds)));
  }

  /** The accounts of a request: its user within its key, and the key; without a key, its network address. */
  private accountsOf(request: FastifyRequest, caller: Caller | Problem): Account[] {
    const budgets = VERBS.get(request.method)?.writes ? this.sell : this.read;
    if (caller instanceof Problem || !caller.key) return [{ budget: budgets.ip, identity: networkOf(request.ip) }];
    const { id } = caller.key;
    const userId = userIdOf(request);
    return [
      ...(userId === undefined ? [] : [{ budget: budgets.user, identity: `${id} ${userId}` }]),
      { budget: budgets.key, identity: id },
    ];
  }

  /** Settles a request that was not charged, because an equal one was: if its answer is no replay, it is charged now. */
  private async settle(
    fingerprint: string,
    accounts: readonly Account[],
    reply: FastifyReply,
    repetition: Promise<boolean>,
  ): Promise<void> {
    const isReplay = reply.getHeader('Idempotent-Replayed') !== undefined;
    const isRepeated = await repetition;
    if (reply.statusCode >= 400) this.ledger.forget(fingerprint);
    if (isRepeated && !isReplay) void this.ledger.charge(accounts, undefined);
    if (!isRepeated && isReplay) this.ledger.refund(accounts);
  }
}

function userIdOf({ body, query }: FastifyRequest): string | undefined {
  for (const named of [body, query]) {
    const userId = typeof named === 'object' && named !== null && 'userId' in named ? named.userId : undefined;
    if (typeof userId === 'string') return startOf(userId, USER_ID_LENGTH_MAX);
  }
  return undefined;
}

/** Equal for equal requests of one caller; undefined without an idempotency key. */
function fingerprintOfRequest(
  { headers, body, routeOptions }: FastifyRequest,
  accounts: readonly Account[],
): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  return fingerprintOf({ key, route: routeOptions.url, caller: accounts.at(-1)?.identity, body: body ?? null });
}

/** RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers: the tightest budget, and all of them. */
function toHeaders(standings: readonly Standing[]): Record<string, string> {
  const [first, ...others] = standings;
  if (!first) return {};
  const tightest = others.reduce((least, other) => (other.remaining < least.remaining ? other : least), first);
  return {
    'RateLimit-Policy': standings.map(({ policy, quota }) => `"${policy}";q=${quota};w=${WINDOW_SECONDS}`).join(', '),
    RateLimit: `"${tightest.policy}";r=${tightest.remaining};t=${tightest.resetSeconds}`,
  };
}
