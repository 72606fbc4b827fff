import { expect } from '@jest/globals';
import type { Answer } from './api.js';

/** That an answer is the problem `code`, complete: RFC 9457's members, the seed's two, and nothing from behind the scenes. */
export function expectProblem({ status, headers, body }: Answer, wantedStatus: number, code: string): void {
  expect({ status, code: body.code, type: headers.get('content-type')?.split(';', 1)[0] }).toEqual({
    status: wantedStatus,
    code,
    type: 'application/problem+json',
  });
  const { errors, ...members } = body;
  expect(members).toEqual({
    type: `urn:ticket-booking:problem:${code}`,
    title: expect.stringMatching(/./),
    status: wantedStatus,
    detail: expect.stringMatching(/./),
    instance: expect.any(String),
    code,
    requestId: headers.get('x-request-id'),
    success: false,
    message: expect.stringMatching(/./),
  });
  if (code === 'validation_failed') expect(errors.length).toBeGreaterThan(0);
  for (const error of errors ?? []) {
    expect(error).toEqual({ pointer: expect.stringMatching(/^#\//), message: expect.stringMatching(/./) });
  }
  expect(headers.get('cache-control')).toBe('no-store');
  expect(JSON.stringify(body)).not.toMatch(/mongo|E11000|\bat .+:\d+:\d+|node_modules|TypeError|RangeError/i);
}
