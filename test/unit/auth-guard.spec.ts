import { describe, expect, it } from '@jest/globals';
import { type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '../../src/platform/auth/auth.guard.js';
import type { Callers } from '../../src/platform/auth/callers.js';
import { type Scope, SCOPES } from '../../src/platform/auth/api-key.js';
import { ForEverybody, ForScopes } from '../../src/platform/auth/scopes.decorator.js';

class Routes {
  @ForScopes('sell')
  sell(): void {}
  @ForEverybody()
  everybody(): void {}
  forgotten(): void {}
}

/** Whether a caller may call the route, through the real guard. */
async function mayCall(route: keyof Routes, scopes: readonly Scope[] | undefined): Promise<boolean> {
  const caller = { key: scopes && { id: '1', scopes }, sees: undefined };
  const callers = { identify: () => Promise.resolve(caller) } as unknown as Callers;
  const handler: unknown = Object.getOwnPropertyDescriptor(Routes.prototype, route)?.value;
  const context = {
    getHandler: () => handler,
    getClass: () => Routes,
    switchToHttp: () => ({ getRequest: () => ({}), getResponse: () => ({}) }),
  } as unknown as ExecutionContext;
  return new AuthGuard(callers, new Reflector()).canActivate(context).catch(() => false);
}

describe('the guard', () => {
  it('lets pass whom the route names', async () => {
    expect(await mayCall('sell', ['sell'])).toBe(true);
    expect(await mayCall('sell', ['operate'])).toBe(false);
    expect(await mayCall('everybody', ['operate'])).toBe(true);
  });

  it.each([[undefined], [SCOPES]])('lets nobody pass where the route says nothing: scopes %s', async (scopes) => {
    expect(await mayCall('forgotten', scopes)).toBe(false);
  });
});
