import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Case } from '../bench.js';
import type { Variant } from '../contenders/fleet.js';
import { aroundCost, type Cost, pidOf } from '../cost.js';
import { compare, type Entrant } from '../measure.js';
import type { Scope } from '../support/scope.js';
import { ratiosOf, spreadOf } from '../support/statistics.js';

/** As in `variants.ts`: a difference of a few in a hundred shows only in many short turns. */
const TURNS = 3;
const connections = 100;

/** The product without traces, in turns with one that samples 1 % of them, and with one that samples all. */
export const tracing: Case = async (bench, name) => {
  const url = await startReceiver(bench.scope);
  const variants = [
    { label: 'without traces', isKeyed: false },
    traced('traces of 1 %', url, { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }),
    traced('all traces', url, {}),
  ];
  const mongod = await pidOf(bench.mongo);
  const kinds = variants.map((variant) => ({ variant, costs: [] as Cost[] }));
  const entrants = await Promise.all(
    kinds.map(async ({ variant, costs }): Promise<Entrant> => {
      const contender = await bench.fleet.getVariant(variant);
      const around = aroundCost(contender, mongod, (cost) => costs.push(cost));
      return { contender, load: { connections }, events: { count: 1 }, around };
    }),
  );
  const { pairs, rampMs, measureMs } = bench.timing;
  const timing = { ...bench.timing, pairs: TURNS * pairs, rampMs: rampMs / TURNS, measureMs: measureMs / TURNS };
  const comparison = await compare(
    { ...bench, timing },
    `with and without traces, ${connections} connections`,
    entrants,
  );
  const spent = kinds.map(({ costs }) => costs.slice(-timing.pairs).map(({ serverMicros }) => serverMicros));
  const words = kinds.map(({ variant }, index) => {
    const [own, first] = [spent[index] ?? [], spent[0] ?? []];
    const ratio = spreadOf(ratiosOf(own, first)).median.toFixed(3);
    return `${variant.label} ${Math.round(spreadOf(own).median)} (${ratio} ×)`;
  });
  const notes = [`CPU µs of the server for a booking (medians, and of the ratios to the first): ${words.join(', ')}.`];
  const facts = { cpuRatio: spreadOf(ratiosOf(spent[1] ?? [], spent[0] ?? [])).median };
  return { name, comparisons: [comparison], facts, notes };
};

function traced(label: string, url: string, environment: Readonly<Record<string, string>>): Variant {
  return { label, isKeyed: false, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...environment } };
}

/** Takes whatever is sent. */
async function startReceiver(scope: Scope): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  scope.defer(() => {
    server.closeAllConnections();
    server.close();
    return Promise.resolve();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
