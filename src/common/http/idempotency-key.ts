import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { invalidInput } from '../problem.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The request's `Idempotency-Key` itself, however it is written: bare, or quoted as the string of a structured field
 * (RFC 9651, 3.3.3). Undefined without one. Throws `validation_failed`.
 */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = headers['idempotency-key'];
  if (header === undefined) return undefined;
  const text = String(header);
  const key = text.startsWith('"') ? unquote(text) : text;
  if (key !== undefined && KEY.test(key)) return key;
  const message = 'Idempotency-Key must be 1 to 255 visible ASCII characters, bare or quoted';
  throw invalidInput([{ pointer: '#/Idempotency-Key', message }]);
}

function unquote(text: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  return quoted?.replace(/\\(.)/g, '$1');
}

/** What tells a first answer from its repetition. */
export function replayHeaders(isReplay: boolean): Record<string, string> {
  return isReplay ? { 'Idempotent-Replayed': 'true' } : {};
}

export const REPLAYED_HEADER = {
  'Idempotent-Replayed': {
    description: '`true` if this is the answer to an earlier request with the same key.',
    schema: { type: 'string' as const },
  },
};

const TAKES_KEY = 'takes-idempotency-key';

/** The route answers the repetition of a request by its first answer. With `example`, Swagger UI sends a key by itself. */
export function TakesIdempotencyKey(example?: string): MethodDecorator {
  return applyDecorators(
    SetMetadata(TAKES_KEY, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Makes retries safe: the request takes effect once, however often it is sent. Use 1 to 255 visible ASCII characters, ' +
        'and a new key for each new request. The same key with the same body gets the first answer again; refusals are not stored.',
      schema: { type: 'string', minLength: 1, maxLength: 255, ...(example !== undefined && { example }) },
    }),
  );
}

/** Whether the route that is about to be called does so. */
export function takesIdempotencyKey(context: ExecutionContext, reflector: Reflector): boolean {
  return reflector.get<boolean | undefined>(TAKES_KEY, context.getHandler()) === true;
}
