import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'deploy/grafana';
const WIDTH = 24;
/** Metrics of Prometheus itself, and of every Node.js process. */
const STANDARD = /^up$|^(process|nodejs)_/;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly targets?: readonly { expr: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly links?: readonly { url: string }[];
}

/** The parts of a dashboard of Grafana that the tests look at. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly links: readonly { url: string }[];
  readonly templating: { readonly list: readonly { name: string; definition?: string }[] };
  readonly panels: readonly Panel[];
}

/** A query, with what it is for. */
export interface Query {
  readonly of: string;
  readonly expr: string;
}

/** The dashboards that are delivered, by the names of their files. */
export function readDashboards(): Map<string, Dashboard> {
  return new Map(
    readdirSync(FOLDER).map((file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard]),
  );
}

/** All that a dashboard asks of Prometheus, as it is written there: for panels, and for the choices of its variables. */
export function queriesOf({ title, panels, templating }: Dashboard): Query[] {
  const ofPanels = panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr }) => ({ of: `${title}, ${panel.title}`, expr })),
  );
  const ofVariables = templating.list.flatMap(({ name, definition }) => {
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
    return selector === undefined ? [] : [{ of: `${title}, $${name}`, expr: `group by (${label!}) (${selector})` }];
  });
  return [...ofPanels, ...ofVariables];
}

/** The query as Grafana sends it, with all servers chosen. Throws if a variable is left that Grafana would not know. */
export function fillIn(expr: string): string {
  const values: Record<string, string> = {
    job: 'ticket-booking',
    instance: '.*',
    __rate_interval: '1m',
    __range: '5m',
  };
  return expr.replace(/\$(\w+)/g, (variable, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`there is no variable ${variable}`);
    return value;
  });
}

/** The names of the metrics in a query, each of which has a selector. */
function metricsIn(expr: string): string[] {
  return [...expr.matchAll(/(\w+)\{/g)].map(([, name]) => name!);
}

/** What is wrong with a dashboard that needs no Prometheus to see it. `documented`: the metrics that there are. */
export function faultsOf(dashboard: Dashboard, documented: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  const { panels } = dashboard;
  if (new Set(panels.map(({ id }) => id)).size < panels.length) faults.push('two panels have the same id');
  for (const [index, panel] of panels.entries()) {
    const { title, description, gridPos, fieldConfig, targets = [] } = panel;
    if (gridPos.x < 0 || gridPos.x + gridPos.w > WIDTH) faults.push(`${title}: wider than the dashboard`);
    for (const other of panels.slice(index + 1)) {
      if (overlap(gridPos, other.gridPos)) faults.push(`${title}: overlaps ${other.title}`);
    }
    if (title === '') faults.push(`panel ${panel.id}: no title`);
    if (panel.type === 'row') continue;
    if (!description?.endsWith('.')) faults.push(`${title}: no description`);
    if (!fieldConfig?.defaults.unit) faults.push(`${title}: no unit`);
    if (targets.length === 0) faults.push(`${title}: no query`);
  }
  for (const { of, expr } of queriesOf(dashboard)) {
    for (const name of metricsIn(expr).filter((name) => !isMetric(name, documented))) {
      faults.push(`${of}: ${name} is no documented metric`);
    }
  }
  return faults;
}

function isMetric(name: string, documented: ReadonlySet<string>): boolean {
  return STANDARD.test(name) || documented.has(name) || documented.has(name.replace(/_(bucket|sum|count)$/, ''));
}

function overlap(one: Place, other: Place): boolean {
  const isApart =
    one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y || other.y + other.h <= one.y;
  return !isApart;
}
