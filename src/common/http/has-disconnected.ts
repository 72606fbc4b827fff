import type { FastifyRequest } from 'fastify';
import type { HasDisconnected } from '../trace.js';
import './request-span.js';

/** Returns a function that tells whether the client has disconnected. */
export function disconnectionOf({ raw: { socket }, span }: FastifyRequest): HasDisconnected {
  const hasDisconnected = () => socket.destroyed;
  return span?.context ? Object.assign(hasDisconnected, { trace: span.context }) : hasDisconnected;
}
