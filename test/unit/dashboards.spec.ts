import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { type Dashboard, faultsOf, type Panel, queriesOf, readDashboards } from '../support/dashboards.js';

const dashboards = readDashboards();
const documented = new Set(
  [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name!),
);
const runbooks = readdirSync('docs/runbooks').map((file) => `\${runbooks}/${file}`);

describe.each([...dashboards])('deploy/grafana/%s', (_, dashboard) => {
  const change = (title: string, changes: object): Dashboard => ({
    ...dashboard,
    panels: dashboard.panels.map((panel) => (panel.title === title ? { ...panel, ...changes } : panel)),
  });

  it('has a place, a title, a description, a unit and known metrics in each panel', () => {
    expect(faultsOf(dashboard, documented)).toEqual([]);
  });

  it('would be refused otherwise (negative control)', () => {
    const [first, second] = dashboard.panels as [Panel, Panel];
    const { gridPos, title, targets } = first;
    const misspelt = targets!.map(({ expr }) => ({ expr: expr.replace(/_|\{/, 's$&') }));
    const off: [object, string][] = [
      [{ id: second.id }, 'two panels have the same id'],
      [{ gridPos: { ...gridPos, w: 25 } }, `${title}: wider than the dashboard`],
      [{ gridPos: { ...gridPos, w: gridPos.w + 1 } }, `${title}: overlaps ${second.title}`],
      [{ description: '' }, `${title}: no description`],
      [{ fieldConfig: { defaults: {} } }, `${title}: no unit`],
      [{ targets: misspelt }, `${dashboard.title}, ${title}: ${/\w+(?=\{)/.exec(misspelt[0]!.expr)![0]}`],
    ];
    for (const [changes, fault] of off) {
      expect(faultsOf(change(title, changes), documented)).toContainEqual(expect.stringContaining(fault));
    }
  });

  it('has the schema of Grafana 10 and 11, and leads to the other dashboard', () => {
    expect(dashboard.schemaVersion).toBe(39);
    expect(dashboard.tags).toContain('ticket-booking');
    const others = [...dashboards.values()].filter((other) => other !== dashboard).map(({ uid }) => `/d/${uid}`);
    expect(dashboard.links.map(({ url }) => url)).toEqual(others);
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance', 'runbooks']);
  });

  it('asks each server that is chosen, and lets no default hide a metric that is not there', () => {
    for (const { of, expr } of queriesOf(dashboard)) {
      const selectors = [...expr.matchAll(/\{.*?\}/g)].map(([selector]) => selector);
      if (!of.includes('$'))
        for (const each of selectors) expect(each).toMatch(/^\{job="\$job",instance=~"\$instance"/);
      expect([of, /\bor\b|vector|absent/.test(expr)]).toEqual([of, false]);
    }
  });
});

it('each runbook is a click away from a panel, and each such link leads to a runbook', () => {
  const links = [...dashboards.values()].flatMap(({ panels }) => panels.flatMap(({ links = [] }) => links));
  expect([...new Set(links.map(({ url }) => url))].sort()).toEqual(runbooks.sort());
});
