import type { FastifyInstance } from 'fastify';
import { pathOf } from '../../common/http/path.js';
import { byStatus } from '../../common/http/to-problem.js';
import { corsHeaders, type CorsOptions } from './cors.js';

/** An API's answers are never pages: the browser may load nothing on their behalf. Names are lower case, as Fastify keeps them. */
const ANSWER_HEADERS = {
  'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** Swagger UI's page has inline styles and images in data URLs; its scripts are files of ours. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Only pages need these; other answers do without. */
const PAGE_HEADERS = {
  'content-security-policy': DOCS_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
};

/**
 * Sets the headers of every answer, in one hook: each hook costs every request. Refuses a query that can't be decoded: the
 * router refuses such a path, but takes such a query as it is.
 */
export function setAnswerHeaders(server: FastifyInstance, cors: CorsOptions, docsPath: string): void {
  const always = { ...ANSWER_HEADERS, ...(cors.origins === '*' && corsHeaders(cors, undefined)) };
  server.addHook('onRequest', (request, reply, done) => {
    const { url, id } = request;
    reply.headers(always).header('x-request-id', id);
    if (cors.origins !== '*') reply.headers(corsHeaders(cors, request.headers.origin));
    if (url.startsWith(docsPath) && isPage(pathOf(url), docsPath)) reply.headers(PAGE_HEADERS);
    if (url.includes('%') && !isDecodable(url)) return done(byStatus(400));
    done();
  });
}

function isPage(path: string, docsPath: string): boolean {
  return path === docsPath || path.startsWith(`${docsPath}/`);
}

/** False where a percent sign starts no UTF-8. */
function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== '';
  } catch {
    return false;
  }
}
