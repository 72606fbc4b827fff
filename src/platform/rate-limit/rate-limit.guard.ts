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
import { networkOf } from './network.js';
import { ChargedRequests } from './charged-requests.js';
import { RATE_LIMIT_CONFIG, type RateLimitConfig } from './rate-limit.config.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';

const USER_ID_LENGTH_MAX = 128;

/** A budget, and whom it is charged to. */
interface Account {
  readonly budget: Budget;
  readonly identity: string;
}

/** Turns away who asks too often, and tells everybody how much is left. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly sell: Record<'key' | 'user' | 'ip', Budget>;
  private readonly read: Record<'key' | 'user' | 'ip', Budget>;
  private readonly chargedRequests = new ChargedRequests();

  constructor(
    private readonly callers: Callers,
    private readonly reflector: Reflector,
    private readonly metrics: RateLimitMetrics,
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
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.config.rateLimitEnabled === 'false' || accessTo(context, this.reflector) === 'everybody') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const accounts = this.accountsOf(request, await this.callers.identify(context));
    const wish = takesIdempotencyKey(context, this.reflector) ? wishOf(request, accounts) : undefined;
    const standings = wish === undefined ? chargeAll(accounts) : this.chargeOnce(wish, accounts, reply);
    reply.headers(toHeaders(standings));
    const exceeded = standings.filter(({ isExceeded }) => isExceeded);
    for (const { policy } of exceeded) this.metrics.countLimited(policy);
    if (exceeded.length > 0) throw rateLimited(Math.max(...exceeded.map(({ resetSeconds }) => resetSeconds)));
    return true;
  }

  /** A key, and each user of its shop by itself; without a key, where it comes from. */
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

  private chargeOnce(wish: string, accounts: readonly Account[], reply: FastifyReply): readonly Standing[] {
    const isRepeated = this.chargedRequests.pay(wish);
    reply.raw.once('close', () => this.settle(wish, accounts, reply, isRepeated));
    if (isRepeated) return letThrough(accounts);
    const standings = chargeAll(accounts);
    if (standings.some(({ isExceeded }) => isExceeded)) this.chargedRequests.forget(wish);
    return standings;
  }

  /** A repetition was let through on account of the first: it is charged now, unless that has answered it too. */
  private settle(wish: string, accounts: readonly Account[], reply: FastifyReply, isRepeated: boolean): void {
    const isReplay = reply.getHeader('Idempotent-Replayed') !== undefined;
    if (reply.statusCode >= 400) this.chargedRequests.forget(wish);
    if (isRepeated && !isReplay) chargeAll(accounts);
    if (!isRepeated && isReplay) for (const { budget, identity } of accounts) budget.refund(identity);
  }
}

/** Up to the first that is used up: who is turned away as a user costs the shop of its key nothing. */
function chargeAll(accounts: readonly Account[]): readonly Standing[] {
  const standings: Standing[] = [];
  for (const { budget, identity } of accounts) {
    const isTurnedAway = standings.some(({ isExceeded }) => isExceeded);
    standings.push(isTurnedAway ? budget.look(identity) : budget.charge(identity));
  }
  return standings;
}

/** Charges nothing, and turns nobody away. */
function letThrough(accounts: readonly Account[]): readonly Standing[] {
  return accounts.map(({ budget, identity }) => ({ ...budget.look(identity), isExceeded: false }));
}

function userIdOf({ body, query }: FastifyRequest): string | undefined {
  for (const named of [body, query]) {
    const userId = typeof named === 'object' && named !== null && 'userId' in named ? named.userId : undefined;
    if (typeof userId === 'string') return startOf(userId, USER_ID_LENGTH_MAX);
  }
  return undefined;
}

/** The same for what is the same request, sent by the same caller; undefined where it can't be repeated safely. */
function wishOf({ headers, body, routeOptions }: FastifyRequest, accounts: readonly Account[]): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  return fingerprintOf({ key, route: routeOptions.url, caller: accounts.at(-1)?.identity, body: body ?? null });
}

/** RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers: every budget, and the one nearest its end. */
function toHeaders(standings: readonly Standing[]): Record<string, string> {
  const [first, ...others] = standings;
  if (!first) return {};
  const tightest = others.reduce((least, other) => (other.remaining < least.remaining ? other : least), first);
  return {
    'RateLimit-Policy': standings.map(({ policy, quota }) => `"${policy}";q=${quota};w=${WINDOW_SECONDS}`).join(', '),
    RateLimit: `"${tightest.policy}";r=${tightest.remaining};t=${tightest.resetSeconds}`,
  };
}
