import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/support/free-port.js';
import type { Api } from '../support/api.js';
import { type Dashboard, fillIn, type Panel, queriesOf, readDashboards } from '../support/dashboards.js';
import { LiveStream } from '../support/live-stream.js';
import { describeWith } from '../support/programs.js';
import { Prometheus } from '../support/prometheus.js';
import { Workplace } from '../support/server-process.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const PATIENCE_MS = 120_000;
const dashboards = readDashboards();

/** What a sale has that is over in a second: each outcome that the dashboards show can be seen after it. */
async function sell(api: Api): Promise<void> {
  const event = await api.createEvent({ totalTickets: 5 });
  const stream = await LiveStream.ofEvent(api.url, event._id as string);
  try {
    await api.post('/book', { eventId: event._id, userId: 'joe' }, { prefer: 'respond-async' });
    const key = { 'idempotency-key': 'once' };
    const booked = await api.book(event._id, { quantity: 2 }, key);
    await api.book(event._id, { quantity: 2 }, key);
    const held = await api.hold(event._id, { userId: 'ann' });
    await api.post(`/holds/${held.body.hold._id}/confirm`, { paymentReference: `pay-${held.body.hold._id}` });
    await api.hold(event._id, { userId: 'bob', ttlSeconds: 1 });
    await api.book(event._id, { userId: 'eve' });
    await api.join(event._id, { userId: 'eve' });
    await api.post(`/bookings/${booked.body.booking._id}/cancel`);
  } finally {
    stream.close();
  }
}

/** What the dashboard asks in vain, or in a way that Prometheus refuses. */
async function unanswered(prometheus: Prometheus, dashboard: Dashboard): Promise<string[]> {
  const asked = queriesOf(dashboard).map(async ({ of, expr }) => {
    const found = await prometheus.query(fillIn(expr)).catch((error: unknown) => String(error));
    return typeof found === 'string' ? [`${of}: ${found}`] : found.length === 0 ? [`${of}: ${expr}`] : [];
  });
  return (await Promise.all(asked)).flat();
}

describeWith('prometheus', 'the dashboards, on a Prometheus beside a sale', (path) => {
  const workplace = new Workplace();
  const ends: (() => Promise<unknown>)[] = [];
  let api: Api;
  let prometheus: Prometheus;
  beforeAll(async () => {
    const replicaSet = await startReplicaSet();
    ends.push(() => replicaSet.stop());
    const port = await freePort();
    const environment = { MONGO_URI: uriOn(replicaSet), METRICS_PORT: String(port) };
    ({ api } = await (await workplace.start(workplace.folder(), environment)).ready());
    prometheus = await Prometheus.start(path, `127.0.0.1:${port}`, '500ms');
    ends.push(() => prometheus.stop());
    await until('Prometheus has read the metrics', () => prometheus.hasRead('mongodb_up == 1'), PATIENCE_MS);
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    await workplace.clear();
  });

  /** Sells until no more than so many queries are in vain, and returns those. */
  async function unansweredInTheEnd(dashboard: Dashboard, count = 0): Promise<string[]> {
    let found: string[] = [];
    const areFew = async () => {
      await sell(api);
      found = await unanswered(prometheus, dashboard);
      return found.length <= count;
    };
    await until('the queries are answered', areFew, PATIENCE_MS).catch(() => undefined);
    return found;
  }

  it.each([...dashboards])('has an answer to every query of %s', async (_, dashboard) => {
    expect(await unansweredInTheEnd(dashboard)).toEqual([]);
  });

  it.each([
    ['misspelt', '{', 's{', /, Tickets sold each second: sum\(/],
    ['malformed', '(', '((', /, Tickets sold each second: Error: .*parse error/],
  ])('has none to a %s query (negative control)', async (_, from, to, fault) => {
    const dashboard = dashboards.get('on-sale.json')!;
    const [first, ...others] = dashboard.panels as [Panel, ...Panel[]];
    const targets = first.targets!.map(({ expr }) => ({ expr: expr.replace(from, to) }));
    const changed = { ...dashboard, panels: [{ ...first, targets }, ...others] };
    expect(await unansweredInTheEnd(changed, 1)).toEqual([expect.stringMatching(fault)]);
  });

  it.each([
    ['Bookings by outcome', ['done', 'replayed', 'sold_out']],
    ['Holds by outcome', ['confirmed', 'created', 'expired']],
    ['Waitlist by outcome', ['joined', 'offered']],
    ['Queued requests by outcome', ['queued', 'done']],
  ])('says what the sale was like: %s', async (title, labels) => {
    const panel = dashboards.get('on-sale.json')!.panels.find((each) => each.title === title)!;
    const query = fillIn(panel.targets![0]!.expr);
    await until(`it shows ${labels.join(', ')}`, async () => {
      await sell(api);
      const samples = (await prometheus.query(query)).filter(({ value }) => value > 0);
      const shown = samples.map(({ metric }) => metric['code'] ?? metric['outcome']);
      return labels.every((label) => shown.includes(label));
    });
  });
});
