import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Says, whenever it is asked, whether the client has hung up: nobody waits for the answer then. */
export type IsGone = () => boolean;

export const IsGone = createParamDecorator((_data: unknown, context: ExecutionContext): IsGone => {
  const { socket } = context.switchToHttp().getRequest<FastifyRequest>().raw;
  return () => socket.destroyed;
});
