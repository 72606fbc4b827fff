import { HttpException } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { byStatus, toProblem } from '../../src/common/http/to-problem.js';
import { invalidInput, jitteredRetryAfterSeconds, Problem } from '../../src/common/problem.js';

const SOLD_OUT = new Problem({ status: 409, code: 'sold_out', title: 'Sold out', message: 'No tickets available' });

describe('a problem', () => {
  it("is told as problem details, with the seed's two fields beside them", () => {
    expect(SOLD_OUT.toBody('/book', 'request-1')).toEqual({
      type: 'urn:ticket-booking:problem:sold_out',
      title: 'Sold out',
      status: 409,
      detail: 'No tickets available',
      instance: '/book',
      code: 'sold_out',
      requestId: 'request-1',
      success: false,
      message: 'No tickets available',
    });
  });

  it('lists the invalid members where that is the problem, and says them for people', () => {
    const errors = [
      { pointer: '#/a', message: 'a must be a string' },
      { pointer: '#/b', message: 'b must be a number' },
    ];
    const body = invalidInput(errors).toBody('/', '');
    expect(body).toMatchObject({ status: 400, errors, message: 'a must be a string; b must be a number' });
  });
});

describe('the wait before the next try', () => {
  afterEach(() => void jest.restoreAllMocks());

  it.each([
    [0, 1],
    [0.34, 2],
    [1 - Number.EPSILON, 3],
  ])('is 1 to 3 whole seconds: at %d of the range, %i', (random, seconds) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    expect(jitteredRetryAfterSeconds()).toBe(seconds);
  });

  it('differs between callers that are turned away together', () => {
    const waits = new Set(Array.from({ length: 200 }, jitteredRetryAfterSeconds));
    expect([...waits].sort()).toEqual([1, 2, 3]);
  });
});

describe('an error', () => {
  const fastifyError = (statusCode: number) => Object.assign(new Error('secret'), { statusCode, code: 'FST_ERR' });

  it('that is a problem stays what it is', () => {
    expect(toProblem(SOLD_OUT)).toBe(SOLD_OUT);
  });

  it('is first shown to those who may know it', () => {
    expect(toProblem(new Error('x'), [() => undefined, () => SOLD_OUT])).toBe(SOLD_OUT);
  });

  it.each<[string, unknown, number, string]>([
    ["of Nest's", new HttpException('secret', 404), 404, 'route_not_found'],
    ["of Fastify's", fastifyError(413), 413, 'body_too_large'],
    ["of Fastify's, with a status that we have no words for", fastifyError(418), 400, 'malformed_request'],
    ['that nobody knows', new Error('secret'), 500, 'internal_error'],
    ['that is not even an error', 'secret', 500, 'internal_error'],
    ['with the status of a server', fastifyError(502), 500, 'internal_error'],
  ])('%s keeps its words to itself', (_what, error, status, code) => {
    const body = toProblem(error).toBody('/', 'request-1');
    expect(body).toMatchObject({ status, code, success: false });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it.each([400, 404, 408, 413, 414, 415, 431, 500])('with status %i has words of its own', (status) => {
    expect(byStatus(status).status).toBe(status);
  });
});
