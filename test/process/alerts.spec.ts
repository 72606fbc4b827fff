import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { freePort } from '../../scripts/support/free-port.js';
import { itWith } from '../support/programs.js';
import { ALERTS, Prometheus, run } from '../support/prometheus.js';
import { Workplace } from '../support/server-process.js';
import { startReplicaSet, uriOn } from '../support/start-mongo.js';
import { until } from '../support/until.js';

/** Prometheus reads every other second, and an alert has to be true for a while. */
const PATIENCE_MS = 75_000;

const names = [...readFileSync(ALERTS, 'utf8').matchAll(/alert: (\w+)/g)].map(([, name]) => name!);

describe('the alerts', () => {
  it.each(names)('%s has a runbook, and a test that it fires and one that it does not', (name) => {
    expect(readFileSync(ALERTS, 'utf8')).toContain(`runbook: docs/runbooks/${name}.md`);
    expect(existsSync(`docs/runbooks/${name}.md`)).toBe(true);
    const tests = readFileSync('deploy/prometheus/alerts.test.yml', 'utf8');
    expect(tests).toMatch(new RegExp(`^ +alertname: ${name}\\n +exp_alerts:$`, 'm'));
    expect(tests).toMatch(new RegExp(`\\{ eval_time: \\w+, alertname: ${name} \\}`));
  });

  it('use metrics that there are', () => {
    const documented = new Set(
      [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name),
    );
    const used = [...readFileSync(ALERTS, 'utf8').matchAll(/(\w+?)(?:_bucket)?\{job=/g)].map(([, name]) => name!);
    expect(used.filter((name) => name !== 'up' && !documented.has(name))).toEqual([]);
    expect(used.length).toBeGreaterThan(names.length);
  });

  itWith('promtool', 'are well-formed, and fire when they should and not before', (promtool) => {
    expect(run(promtool, 'check', 'rules', ALERTS)).toMatchObject({ code: 0 });
    expect(run(promtool, 'test', 'rules', 'deploy/prometheus/alerts.test.yml')).toMatchObject({ code: 0 });
    return Promise.resolve();
  });
});

describe('a Prometheus beside a server', () => {
  const workplace = new Workplace();
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    await workplace.clear();
  });

  itWith('prometheus', 'sees the database freeze, and thaw', async (path) => {
    const replicaSet = await startReplicaSet();
    ends.push(() => replicaSet.stop());
    const port = await freePort();
    const environment = { MONGO_URI: uriOn(replicaSet), METRICS_PORT: String(port) };
    await (await workplace.start(workplace.folder(), environment)).ready();
    const prometheus = await Prometheus.start(path, `127.0.0.1:${port}`);
    ends.push(() => prometheus.stop());
    const isFiring = async () => (await prometheus.firing()).includes('DatabaseUnavailable');

    await until('Prometheus has read the metrics', () => prometheus.hasRead('mongodb_up == 1'), PATIENCE_MS);
    expect(await prometheus.firing()).toEqual([]);
    const mongod = replicaSet.servers[0]!.instanceInfo!.instance.mongodProcess as ChildProcess;
    mongod.kill('SIGSTOP');
    try {
      await until('DatabaseUnavailable fires', isFiring, PATIENCE_MS);
    } finally {
      mongod.kill('SIGCONT');
    }
    await until('DatabaseUnavailable fires no more', async () => !(await isFiring()), PATIENCE_MS);
  });
});
