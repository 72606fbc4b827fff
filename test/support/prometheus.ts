import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../scripts/support/free-port.js';

/** The rules that are delivered. */
export const ALERTS = resolve('deploy/prometheus/alerts.yml');

/** What a program says, and how it ends. */
export function run(path: string, ...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}

/** A sample of an answer: its labels, and its value. */
export interface Sample {
  readonly metric: Record<string, string>;
  readonly value: number;
}

/** A Prometheus that asks a server, by default every other second, and goes by our rules. */
export class Prometheus {
  private constructor(
    private readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(path: string, target: string, interval = '2s'): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'ticket-booking-prometheus-'));
    const port = await freePort();
    const config = {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: '1s' },
      rule_files: [ALERTS],
      scrape_configs: [{ job_name: 'ticket-booking', static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    return new Prometheus(`http://127.0.0.1:${port}`, spawn(path, args, { stdio: 'ignore' }), folder);
  }

  /** The names of the alerts that fire now; none while it starts. */
  async firing(): Promise<string[]> {
    interface Answer {
      readonly data: { alerts: { state: string; labels: { alertname: string } }[] };
    }
    const response = await fetch(`${this.url}/api/v1/alerts`).catch(() => undefined);
    if (!response?.ok) return [];
    const { data } = (await response.json()) as Answer;
    return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
  }

  /** Whether it has read something from the server. */
  async hasRead(query: string): Promise<boolean> {
    return (await this.query(query).catch(() => [])).length > 0;
  }

  /** Returns the samples that a query finds now, without those that are no number. Throws with what Prometheus says where it refuses the query. */
  async query(query: string): Promise<Sample[]> {
    interface Answer {
      readonly error?: string;
      readonly data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    }
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { error, data } = (await response.json()) as Answer;
    if (!data) throw new Error(error);
    const samples = data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    return samples.filter(({ value }) => !Number.isNaN(value));
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
