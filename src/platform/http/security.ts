import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pathOf } from '../../common/http/path.js';

const NOTHING = "'none'";

/** An API's answers are never pages: the browser may load nothing on their behalf. */
const API_POLICY = {
  useDefaults: false,
  directives: { defaultSrc: NOTHING, baseUri: NOTHING, formAction: NOTHING, frameAncestors: NOTHING },
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

/** For pages only: to anything else they say nothing, and a booking's answer has enough to carry. */
const PAGE_HEADERS = {
  'Content-Security-Policy': DOCS_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
};

export function useSecurityHeaders(app: NestFastifyApplication, docsPath: string): void {
  app.useSecurityHeaders({
    contentSecurityPolicy: API_POLICY,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    xFrameOptions: { action: 'deny' },
    // Whether the host is served over TLS is the proxy's to know and to say.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url);
    if (path === docsPath || path.startsWith(`${docsPath}/`)) reply.headers(PAGE_HEADERS);
    done();
  });
}
