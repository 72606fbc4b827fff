import type { FastifyRequest } from 'fastify';

/** Says, whenever it is asked, whether the client has hung up: nobody waits for the answer then. */
export function disconnectionOf({ raw: { socket } }: FastifyRequest): () => boolean {
  return () => socket.destroyed;
}
