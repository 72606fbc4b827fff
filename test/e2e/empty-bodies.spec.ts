import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const TYPES = [
  undefined,
  '',
  'application/json',
  'application/json; charset=utf-8',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'text/plain;charset=UTF-8',
  'multipart/form-data; boundary=x',
  'nonsense',
];

describe('an empty body', () => {
  let running: RunningApp;
  let path: string;
  beforeAll(async () => {
    running = await startApp();
    const event = await running.api.createEvent();
    path = `/bookings/${(await running.api.book(event._id)).body.booking._id}/cancel`;
  });
  afterAll(() => running.close());

  /** What fetch would not send: the headers as they are, and chunks where no length is named. */
  const post = (to: string, headers: Record<string, string>, ...chunks: string[]) =>
    new Promise<{ status: number | undefined; headers: Headers; body: { code?: string } }>((done, fail) => {
      const sent = request(running.api.url + to, { method: 'POST', headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          const received = new Headers(response.headers as Record<string, string>);
          done({ status: response.statusCode, headers: received, body: JSON.parse(text) as { code?: string } });
        });
      }).on('error', fail);
      for (const chunk of chunks) sent.write(chunk);
      sent.end();
    });
  const typed = (type: string | undefined) => (type === undefined ? {} : { 'Content-Type': type });

  it.each(TYPES)('is fine for an action, of the type %j', async (type) => {
    expect((await post(path, { ...typed(type), 'Content-Length': '0' })).status).toBe(200);
    expect((await post(path, { ...typed(type), 'Content-Length': '0', 'Content-Encoding': 'gzip' })).status).toBe(200);
  });

  it.each(TYPES.filter((type) => type !== '' && type !== 'nonsense'))(
    'is fine for an action where its length was not said before, of the type %j',
    async (type) => {
      expect((await post(path, { ...typed(type), 'Transfer-Encoding': 'chunked' })).status).toBe(200);
    },
  );

  it.each(TYPES)('lacks what a route asks for, of the type %j', async (type) => {
    const answer = await post('/book', { ...typed(type), 'Content-Length': '0' });

    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });

  it('is none if it has a byte: then its type counts, for routes there are', async () => {
    for (const length of [{ 'Content-Length': '2' }, { 'Transfer-Encoding': 'chunked' }]) {
      const headers = { ...typed('text/plain'), ...length };
      expectProblem((await post(path, headers, '{', '}')) as never, 415, 'unsupported_media_type');
      expectProblem((await post('/nope', headers, '{', '}')) as never, 404, 'route_not_found');
    }
  });
});
