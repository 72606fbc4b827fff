import type { FastifyInstance } from 'fastify';
import { pathOf } from '../../common/http/path.js';
import { sendProblem } from '../../common/http/problem.filter.js';
import { byStatus } from '../../common/http/to-problem.js';
import { VERBS } from '../../common/http/verbs.js';

interface Route {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers 405 with `Allow` where the path is a route's, and the method is not. Throws where a route has a method that
 * `verbs.ts` does not declare. Has to run before the routes are registered.
 */
export function refuseOtherMethods(server: FastifyInstance): void {
  const routes = new Map<string, Route>();
  server.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const route = routes.get(url) ?? { pattern: toPattern(url), methods: new Set<string>() };
    for (const name of [method].flat()) {
      if (!VERBS.has(name)) throw new Error(`declare ${name}, the method of ${url}, in common/http/verbs.ts`);
      route.methods.add(name);
    }
    routes.set(url, route);
  });
  server.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url);
    // A path of its own is no id: GET /events/create asks for nothing that GET /events/:id has.
    const own = routes.get(path);
    if (!request.is404 && (!own || own.methods.has(request.method) || request.method === 'OPTIONS')) return done();
    const known = own ? [own] : [...routes.values()].filter(({ pattern }) => pattern.test(path));
    if (known.length === 0) return done();
    const methods = new Set(known.flatMap((route) => [...route.methods]));
    reply.header('Allow', [...methods].sort().join(', '));
    sendProblem(byStatus(405), request, reply);
  });
}

/** What the paths of a route look like: `:name` is one segment. */
function toPattern(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+')}$`);
}
