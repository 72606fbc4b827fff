import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { byStatus } from '../../common/http/to-problem.js';
import { malformedBody } from '../../common/problem.js';

/** JSON that changes something (RFC 7396): what `application/json` means to a PATCH, too. */
export const MERGE_PATCH = 'application/merge-patch+json';
/** Twice what a request needs: what validates a body calls itself for every level. */
const MAX_DEPTH = 8;
/** Up to 15 digits are the same number to every parser; more are not. A sign or a point may be among them. */
const MAX_NUMBER_LENGTH = 16;
const NUMBER_CHARACTERS = new Set('0123456789+-.eE'.split('').map((character) => character.charCodeAt(0)));
const [QUOTE, BACKSLASH, COLON] = ['"', '\\', ':'].map((character) => character.charCodeAt(0));

/** Takes JSON objects only. An empty body is none, whatever its type: the action routes take it, the others refuse it. */
export function parseJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addHook('preParsing', ({ headers }, _reply, payload, done) => {
    if (isWithoutBody(headers)) delete headers['content-type'];
    done(null, payload);
  });
  const types = ['application/json', MERGE_PATCH];
  server.addContentTypeParser<Buffer>(types, { parseAs: 'buffer' }, ({ headers, method }, bytes, done) => {
    if (bytes.length === 0) return done(null, undefined);
    const isPatch = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === MERGE_PATCH;
    if (isPatch && method !== 'PATCH') return done(byStatus(415));
    const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
    if (encoding !== 'identity') return done(byStatus(415, 'The request body must not be compressed'));
    try {
      done(null, parseObject(bytes));
    } catch (error) {
      done(error as Error);
    }
  });
  server.addContentTypeParser('*', refuseUnlessEmpty);
}

function isWithoutBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** A body of unknown length may turn out to be empty. */
function refuseUnlessEmpty(
  { is404, headers }: FastifyRequest,
  payload: Readable,
  done: (error: Error | null, body?: undefined) => void,
): void {
  if (is404) return done(null);
  if (headers['transfer-encoding'] === undefined) return done(byStatus(415));
  const refuse = () => {
    payload.off('end', accept);
    done(byStatus(415));
  };
  const accept = () => {
    payload.off('data', refuse);
    done(null);
  };
  payload.once('data', refuse).once('end', accept);
}

/** The object that the bytes are the JSON of. Throws `malformed_body` for anything that parsers read differently. */
export function parseObject(bytes: Buffer): object {
  // Decoding would make one text of all that is not UTF-8, and two users one.
  if (!isUtf8(bytes)) throw malformedBody('The request body is not UTF-8');
  const text = bytes.toString().replace(/^\ufeff/, '');
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw malformedBody('The request body must be a JSON object');
  }
  if (countMembers(body, MAX_DEPTH) < countColons(text)) {
    throw malformedBody('The request body has two members of the same name');
  }
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformedBody('The request body is not valid JSON');
  }
}

/** How many members all objects in `value` have. Of two that have the same name, JSON.parse keeps one. */
function countMembers(value: unknown, levels: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (levels === 0) throw malformedBody('The request body is nested too deeply');
  const names = Object.keys(value);
  let count = Array.isArray(value) ? 0 : names.length;
  for (const name of names) {
    if (name === '__proto__') throw malformedBody('The request body has a member named __proto__');
    count += countMembers((value as Record<string, unknown>)[name], levels - 1);
  }
  return count;
}

/** How many members valid JSON writes: each has the one colon that is in no string. Throws for a number that is too long. */
function countColons(json: string): number {
  let count = 0;
  let isInString = false;
  let numberLength = 0;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === BACKSLASH) index++;
    else if (code === QUOTE) isInString = !isInString;
    else if (!isInString) {
      if (code === COLON) count++;
      numberLength = NUMBER_CHARACTERS.has(code) ? numberLength + 1 : 0;
      if (numberLength > MAX_NUMBER_LENGTH) throw malformedBody('The request body has a number with too many digits');
    }
  }
  return count;
}
