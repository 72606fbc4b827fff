import type { FastifyRequest } from 'fastify';

/** Returns a function that tells whether the client has disconnected. */
export function disconnectionOf({ raw: { socket } }: FastifyRequest): () => boolean {
  return () => socket.destroyed;
}
