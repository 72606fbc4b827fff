import autocannon from 'autocannon';
import { OpenLoad } from './open-load.js';
import { percentile } from '../support/statistics.js';
import { toRequests } from './requests.js';
import { type LoadAnswer, type LoadCommand, type LoadPlan, type LoadResult, STALL_MS } from './plan.js';

const REQUEST_TIMEOUT_S = 60;
/** Nobody means to run for so long: it is stopped. */
const DURATION_MAX_S = 3_600;
const STOP_WITHIN_MS = 50;

/** A number of callers, each asking again as soon as it is answered. */
class Load {
  private readonly runs: autocannon.Instance[] = [];
  private readonly ends: Promise<unknown>[] = [];
  private readonly lastAnswers = new Map<autocannon.Client, number>();
  /** The callers that have a hold and confirm it, and how long they have waited for it. */
  private readonly holds = new Map<autocannon.Client, number>();
  private latencies: number[] = [];
  private others: Record<string, number> = {};
  private stalls = 0;
  private acknowledged = 0;
  private startedAt = performance.now();

  constructor(private readonly plan: LoadPlan) {
    const connections = Math.ceil(plan.connections / plan.urls.length);
    for (const url of plan.urls) {
      this.ends.push(new Promise((done) => this.runs.push(this.run(url, connections, () => done(undefined)))));
    }
  }

  /** Forgets what was seen until now, but not what was acknowledged. */
  open(): void {
    this.latencies = [];
    this.others = {};
    this.stalls = 0;
    this.startedAt = performance.now();
  }

  async close(): Promise<LoadResult> {
    const now = performance.now();
    const waiting = [...this.lastAnswers.values()].filter((last) => now - last > STALL_MS).length;
    const window = {
      seconds: (now - this.startedAt) / 1_000,
      answers: this.latencies.length,
      p50: percentile(this.latencies, 0.5),
      p99: percentile(this.latencies, 0.99),
      stalls: this.stalls + waiting,
      others: { ...this.others },
    };
    for (const run of this.runs) run.stop();
    await Promise.all(this.ends);
    return { ...window, acknowledged: this.acknowledged };
  }

  private run(url: string, connections: number, onEnd: () => void): autocannon.Instance {
    const options: autocannon.Options = {
      url,
      connections,
      duration: DURATION_MAX_S,
      timeout: REQUEST_TIMEOUT_S,
      sampleInt: STOP_WITHIN_MS,
      requests: toRequests(this.plan),
      setupClient: (client) => this.lastAnswers.set(client, performance.now()),
    };
    const run = autocannon(options, onEnd);
    run.on('response', (client, status, _bytes, milliseconds) => this.see(client, status, milliseconds));
    run.on('reqError', () => this.count('broken'));
    return run;
  }

  private see(client: autocannon.Client, status: number, milliseconds: number): void {
    this.lastAnswers.set(client, performance.now());
    if (this.plan.request === 'hold') {
      const held = this.holds.get(client);
      this.holds.delete(client);
      // A hold alone is no sale yet.
      if (status === 201 && held === undefined) return void this.holds.set(client, milliseconds);
      milliseconds += held ?? 0;
    }
    if (status === 201) this.acknowledged++;
    if (milliseconds > STALL_MS) this.stalls++;
    if (status === this.plan.expected) this.latencies.push(milliseconds);
    else this.count(String(status));
  }

  private count(other: string): void {
    this.others[other] = (this.others[other] ?? 0) + 1;
  }
}

async function toLoad(plan: LoadPlan): Promise<Load | OpenLoad> {
  if (plan.perSecond === undefined) return new Load(plan);
  const load = new OpenLoad(plan, plan.perSecond);
  await load.begin();
  return load;
}

let load: Load | OpenLoad | undefined;

async function obey(command: LoadCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      load = await toLoad(command.plan);
      answer({ kind: 'started' });
      break;
    case 'open':
      load?.open();
      break;
    case 'close':
      if (load) answer({ kind: 'result', result: await load.close() });
      load = undefined;
  }
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

process.on('message', (command) => void obey(command as LoadCommand));
// The benchmark has ended, however it did.
process.on('disconnect', () => process.exit());
