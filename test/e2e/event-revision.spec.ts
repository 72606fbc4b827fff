import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const revisionOf = ({ headers }: Answer) => Number(headers.get('event-revision'));

describe('Event-Revision', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp();
  });
  afterAll(() => running.close());

  it('of everything that changes an event is its revision from then on', async () => {
    const { api } = running;
    const made = await api.post('/events/create', { name: 'Concert Night', totalTickets: 10 });
    expect(made.status).toBe(201);
    const path = `/events/${made.body.event._id}`;
    const id = made.body.event._id as string;
    const check = async (answer: Answer) => {
      expect(answer.status).toBeLessThan(300);
      expect(revisionOf(answer)).toBe(revisionOf(await api.get(path)));
      return answer;
    };
    await check(made);
    const { booking } = (await check(await api.book(id, { quantity: 3 }))).body;
    await check(await api.post(`/bookings/${booking._id}/transfer`, { userId: 'ben' }));
    await check(await api.post(`/bookings/${booking._id}/cancel`, { quantity: 1 }, { 'Idempotency-Key': 'part' }));
    await check(await api.post(`/bookings/${booking._id}/cancel`));
    const hold = async () => (await check(await api.hold(id))).body.hold._id as string;
    const first = await hold();
    await check(await api.post(`/holds/${first}/extend`, { ttlSeconds: 900 }));
    await check(await api.post(`/holds/${first}/confirm`));
    await check(await api.post(`/holds/${await hold()}/release`));
    await check(await api.book(id, { quantity: 9 }));
    const { entry } = (await check(await api.join(id))).body;
    await check(await api.post(`${path}/waitlist/${entry._id}/leave`));
    await check(await api.request('PATCH', path, { name: 'Late Night' }, { 'If-Match': '*' }));
  });

  it('of a repetition is one that has what was done', async () => {
    const { api } = running;
    const event = await api.createEvent();
    const key = { 'Idempotency-Key': 'once' };
    const first = revisionOf(await api.book(event._id, {}, key));
    await api.book(event._id);
    const answer = await api.book(event._id, {}, key);
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    // Not said where only an earlier state was looked at.
    const again = answer.headers.get('event-revision');
    if (again !== null) expect(Number(again)).toBeGreaterThanOrEqual(first);
  });

  it('is asked for by Min-Event-Revision', async () => {
    const { api } = running;
    const event = await api.createEvent();
    const path = `/events/${event._id}`;
    const revision = revisionOf(await api.book(event._id));
    const ask = (least: string) => api.get(path, { 'Min-Event-Revision': least });
    for (const least of ['0', String(revision - 1), String(revision)]) {
      expect((await ask(least)).body).toMatchObject({ event: { soldTickets: 1 } });
    }
    expectProblem(await ask(String(revision + 1)), 412, 'revision_unknown');
    for (const least of ['-1', '1.5', 'many', '', '9'.repeat(16)]) {
      const answer = await ask(least);
      expectProblem(answer, 400, 'validation_failed');
      expect(answer.body.errors).toMatchObject([{ pointer: '#/Min-Event-Revision' }]);
    }
  });
});
