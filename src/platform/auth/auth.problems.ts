import { Problem } from '../../common/problem.js';

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

/** The key is valid, and not for this. */
export function forbidden(scopes: readonly string[]): Problem {
  return new Problem({
    status: 403,
    code: 'forbidden',
    title: 'Forbidden',
    message: 'This API key may not do that',
    detail: `This needs a key with the scope ${scopes.join(' or ') || 'of nobody'}.`,
  });
}
