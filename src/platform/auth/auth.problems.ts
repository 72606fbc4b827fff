import { Problem } from '../../common/problem.js';
import type { Scope } from './api-key.js';
import type { Caller } from './caller.js';

/** No key was sent, or none that is valid. */
export function unauthorized(detail: string): Problem {
  return new Problem({
    status: 401,
    code: 'unauthorized',
    title: 'Unauthorized',
    message: 'A valid API key is required',
    detail,
  });
}

/** The key is valid, and not for this: it has none of the scopes. */
export function forbidden(scopes: readonly string[]): Problem {
  return mayNot(`This needs a key with the scope ${scopes.join(' or ') || 'of nobody'}.`);
}

/** Throws `forbidden` unless the caller has all of the scopes, or no key is asked for. */
export function assertHasScopes({ key }: Caller, scopes: readonly Scope[]): void {
  if (key && !scopes.every((scope) => key.scopes.includes(scope))) {
    throw mayNot(`This needs a key with all of the scopes ${scopes.join(' and ')}.`);
  }
}

function mayNot(detail: string): Problem {
  return new Problem({
    status: 403,
    code: 'forbidden',
    title: 'Forbidden',
    message: 'This API key may not do that',
    detail,
  });
}
