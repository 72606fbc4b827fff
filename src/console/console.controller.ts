import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { byStatus } from '../common/http/to-problem.js';
import { ForEverybody } from '../platform/auth/index.js';
import { WithoutDatabase } from '../platform/database/index.js';
import { ConsolePage } from './console-page.js';

/** Everything that the page loads is a file of this server; nothing is inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  vary: 'accept-encoding',
};

/** Serves the page for operators. The shell is public: its data come from the API, for keys that operate. */
@ApiExcludeController()
@WithoutDatabase()
@ForEverybody()
@Controller('console')
export class ConsoleController {
  constructor(private readonly page: ConsolePage) {}

  @Get()
  shell(@Headers('accept-encoding') accepted: string | undefined, @Res() reply: FastifyReply): void {
    this.send(undefined, accepted, reply);
  }

  @Get(':file')
  file(
    @Param('file') file: string,
    @Headers('accept-encoding') accepted: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    this.send(file, accepted, reply);
  }

  private send(name: string | undefined, accepted: string | undefined, reply: FastifyReply): void {
    const file = this.page.find(name);
    // The shell has one address: its files are named relative to that.
    if (!file || name === 'index.html') throw byStatus(404);
    const isGzip = accepted?.includes('gzip') === true;
    void reply
      .headers(HEADERS)
      .headers({
        'content-type': file.type,
        'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...(isGzip && { 'content-encoding': 'gzip' }),
      })
      .send(isGzip ? file.gzipped : file.plain);
  }
}
