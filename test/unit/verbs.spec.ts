import { expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { readFileSync } from 'node:fs';
import { VERBS } from '../../src/common/http/verbs.js';
import { refuseOtherMethods } from '../../src/platform/http/allowed-methods.js';

it('a route whose method is not declared refuses the start', () => {
  const server = fastify();
  refuseOtherMethods(server);

  expect(() => server.get('/events', () => undefined)).not.toThrow();
  expect(() => server.trace('/events', () => undefined)).toThrow(/TRACE.*\/events.*verbs\.ts/);
});

it('every method of the contract is declared', () => {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, object> };
  const used = new Set(Object.values(paths).flatMap((operations) => Object.keys(operations)));

  expect([...VERBS.keys()]).toEqual(expect.arrayContaining([...used].map((name) => name.toUpperCase())));
});
