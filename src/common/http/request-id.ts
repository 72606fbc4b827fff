import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A caller may name its request; anything but a short plain token gets a name of ours. */
const REQUEST_ID = /^[A-Za-z0-9_.-]{1,64}$/;

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}
