import type { FastifyRequest } from 'fastify';

/** Where no route matches. */
export const NO_ROUTE = '(none)';

/** The route's template as in the contract, never the URL: a query or a body may say who the user is. */
export function routeOf({ is404, routeOptions: { url } }: FastifyRequest, basePath: string): string {
  return is404 || url === undefined ? NO_ROUTE : url.slice(basePath.length) || '/';
}
