import { setTimeout as sleep } from 'node:timers/promises';
import type { Case, Sample } from '../bench.js';
import type { Contender } from '../contenders/contender.js';
import { othersOf } from '../report/figures.js';
import { type Entrant, measure, warmUp } from '../measure.js';
import { residentMemory } from '../support/resident-memory.js';
import { spreadOf } from '../support/statistics.js';

const MULTIPLES = [2, 3];
/** More than the server lets in and the callers need. */
const connections = 4_000;
const PROBE_MS = 100;
const PROBE_TIMEOUT_MS = 5_000;

/** Callers come at a multiple of the rate that the server reaches, whether or not those before them were answered. */
export const overload: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const atPeak: Entrant = { contender, load: { connections: 100 }, events: { count: 1 } };
  await warmUp(bench, atPeak);
  const peak: Sample[] = [];
  const crowds = MULTIPLES.map((multiple) => ({ multiple, samples: [] as Sample[] }));
  const probes: Probe[] = [];
  const memory = [residentMemory(contender.pids[0])];
  const before = await refusalsOf(contender);
  for (let pair = 0; pair < bench.timing.pairs; pair++) {
    const { rate, ...sample } = await measure(bench, atPeak);
    peak.push({ rate, ...sample });
    for (const { multiple, samples } of crowds) {
      const load = { connections, perSecond: Math.round(multiple * rate) };
      const around = () => Promise.resolve(probeHealth(contender, probes));
      const crowded = await measure(bench, { ...atPeak, load, around });
      samples.push(crowded);
      memory.push(residentMemory(contender.pids[0]));
      bench.progress(`of ${load.perSecond}/s, ${multiple} × the peak, ${Math.round(crowded.rate)}/s were served`);
    }
  }
  const after = await refusalsOf(contender);
  const [early, late] = [after.early - before.early, after.late - before.late];
  const rows = crowds.map(({ multiple, samples }) => ({ contender: `${multiple} × as many`, samples }));
  const refusedP50 = rows.map(({ samples }) => spreadOf(samples.map((sample) => sample.refusedP50 ?? NaN)).median);
  const errors = rows.map((row) => othersOf(row)['500'] ?? 0).reduce((sum, count) => sum + count, 0);
  const health = spreadOf(probes.map(({ milliseconds }) => milliseconds));
  const unhealthy = probes.filter(({ isOk }) => !isOk).length;
  return {
    name,
    comparisons: [
      { title: 'more callers than can be served', rows: [{ contender: 'at its peak', samples: peak }, ...rows] },
    ],
    facts: { refusedP50: refusedP50[0] ?? NaN, errors, unhealthy },
    notes: [
      `Who was turned away knew after ${refusedP50.map((p50) => p50.toFixed(1)).join(' and ')} ms (medians); ` +
        `${early} of ${early + late} were before their bodies were read.`,
      `GET /health/live was answered ${probes.length - unhealthy} of ${probes.length} times, ` +
        `after ${health.median.toFixed(1)} ms (median), ${health.max.toFixed(0)} ms at most.`,
      `The server's resident memory, at the start and after each crowd: ${memory.map(Math.round).join(', ')} MB.`,
    ],
  };
};

interface Probe {
  readonly isOk: boolean;
  readonly milliseconds: number;
}

/** Asks again and again whether the server lives, until what it returns is called. */
function probeHealth({ urls }: Contender, probes: Probe[]): () => Promise<void> {
  const end = new AbortController();
  const probing = (async () => {
    while (!end.signal.aborted) {
      const startedAt = performance.now();
      const isOk = await fetch(`${urls[0]}/health/live`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
        (response) => response.ok,
        () => false,
      );
      probes.push({ isOk, milliseconds: performance.now() - startedAt });
      await sleep(PROBE_MS);
    }
  })();
  return () => {
    end.abort();
    return probing;
  };
}

/** How many the server has turned away by its own count: before it had read what they want, and after. */
async function refusalsOf({ urls }: Contender): Promise<{ early: number; late: number }> {
  const text = await (await fetch(`${urls[0]}/metrics`)).text();
  const sum = (series: RegExp) => [...text.matchAll(series)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    early: sum(/^http_requests_shed_total\{.*\} (\d+)$/gm),
    late: sum(/^booking_commands_total\{.*code="overloaded".*\} (\d+)$/gm),
  };
}
