import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Api } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

describe('behind a proxy that passes on the path /tickets', () => {
  let running: RunningApp;
  let api: Api;
  beforeAll(async () => {
    running = await startApp({ config: { basePath: '/tickets' } });
    api = new Api(`${running.api.url}/tickets`);
  });
  afterAll(() => running.close());

  it.each(['', '/'])('leads from the top%s to the documentation, whose requests go to the same path', async (slash) => {
    const { status, headers } = await api.get(slash);

    expect([status, headers.get('location')]).toEqual([302, '/tickets/docs']);
    expect((await api.get('/docs-json')).body.servers).toMatchObject([{ url: '/tickets' }]);
    const page = await api.get('/docs');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('location')).toBeNull();
  });

  it('names what was made, and the next page, by the whole path', async () => {
    const created = await api.post('/events/create', { name: 'Concert Night', totalTickets: 5 });
    const { _id } = created.body.event;
    const booked = await api.book(_id);
    await api.book(_id);

    expect(created.headers.get('location')).toBe(`/tickets/events/${_id}`);
    expect(booked.headers.get('location')).toBe(`/tickets/bookings/${booked.body.booking._id}`);
    const { headers } = await api.get('/bookings?limit=1');
    const [, next] = /^<(\/tickets\/bookings\?[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
    expect((await running.api.get(next!)).body.bookings).toHaveLength(1);
  });

  it('answers problems with the path that was asked for, and methods that are not allowed', async () => {
    const nowhere = await api.get('/nope');
    expectProblem(nowhere, 404, 'route_not_found');
    expect(nowhere.body.instance).toBe('/tickets/nope');
    const wrong = await api.request('DELETE', '/book');
    expectProblem(wrong, 405, 'method_not_allowed');
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  it('has nothing anywhere else', async () => {
    for (const path of ['/', '/docs', '/events', '/health/live', '/metrics', '/ticketsx/events']) {
      expectProblem(await running.api.get(path), 404, 'route_not_found');
    }
  });

  it('serves health and metrics, whose routes are named without the path, as alerts know them', async () => {
    expect((await api.get('/health/live')).status).toBe(200);
    expect((await api.get('/health/ready')).status).toBe(200);
    const { body } = await api.get('/metrics');
    expect(body).toContain('route="/health/live"');
    expect(body).not.toContain('route="/tickets');
  });
});
