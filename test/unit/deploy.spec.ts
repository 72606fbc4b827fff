import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { parseAllDocuments } from 'yaml';

/** What a drain takes beside SHUTDOWN_DELAY_SECONDS: see DRAIN_MS in app.module.ts. */
const DRAIN_SECONDS = 10;
const KUBERNETES = ['server', 'worker', 'redis', 'secret.example'].map((name) => `deploy/kubernetes/${name}.yaml`);
const VARIABLES = new Set(
  [...readFileSync('.env.example', 'utf8').matchAll(/^# ([A-Z_]+)=/gm)].map(([, variable]) => variable),
);

// What YAML holds is not typed.
/* eslint-disable @typescript-eslint/no-explicit-any */
function read(path: string): any[] {
  return parseAllDocuments(readFileSync(path, 'utf8'), { merge: true }).map((document) => {
    expect([path, document.errors, document.warnings]).toEqual([path, [], []]);
    return document.toJS();
  });
}

describe('deploy/Dockerfile', () => {
  const lines = readFileSync('deploy/Dockerfile', 'utf8').replaceAll('\\\n', '').split('\n');
  const of = (instruction: string) =>
    lines
      .filter((line) => line.trim().startsWith(`${instruction} `))
      .map((line) => line.trim().slice(instruction.length + 1));

  it('copies what there is, and what .dockerignore lets in', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .flatMap((line) => /^!(.+)/.exec(line)?.[1] ?? []);
    const copied = of('COPY')
      .filter((what) => !what.startsWith('--from'))
      .flatMap((what) => what.split(' ').slice(0, -1));
    for (const path of copied) expect([path, existsSync(path)]).toEqual([path, true]);
    expect(copied.map((path) => path.replace('./', '')).sort()).toEqual(allowed.sort());
  });

  it('runs the server as somebody who can not write, and says whether it is ready', () => {
    expect(of('USER')).toEqual(['node']);
    expect(of('CMD').at(-1)).toBe('["node", "dist/main.js"]');
    const [check] = of('HEALTHCHECK');
    const command = JSON.parse(/CMD (\[.*\])$/.exec(check!)![1]!) as string[];
    expect(command.slice(0, 2)).toEqual(['node', '-e']);
    expect(() => new Script(command[2]!)).not.toThrow();
  });
});

describe('deploy/compose.yaml', () => {
  const [compose] = read('deploy/compose.yaml');
  const services: [string, any][] = Object.entries(compose.services);

  it('names variables that there are, files that there are, and services that there are', () => {
    for (const [name, service] of services) {
      if (service.image !== 'ticket-booking') continue;
      for (const variable of Object.keys(service.environment))
        expect([name, variable, VARIABLES.has(variable)]).toEqual([name, variable, true]);
      expect(existsSync(join('deploy', service.build.context, service.build.dockerfile))).toBe(true);
    }
    for (const [name, { volumes = [], depends_on = {} }] of services) {
      for (const volume of volumes.filter((each: string) => each.startsWith('.'))) {
        expect([name, volume, existsSync(join('deploy', volume.split(':')[0]))]).toEqual([name, volume, true]);
      }
      const others = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      for (const other of others) expect([name, other, other in compose.services]).toEqual([name, other, true]);
    }
  });

  it('gives a server the time to drain', () => {
    const { stop_grace_period: grace, environment } = compose.services.server1;
    expect(parseInt(grace, 10)).toBeGreaterThan(Number(environment.SHUTDOWN_DELAY_SECONDS) + DRAIN_SECONDS);
  });
});

describe('deploy/kubernetes', () => {
  const objects = KUBERNETES.flatMap(read);
  const secrets = new Map(
    objects.filter(({ kind }) => kind === 'Secret').map((each) => [each.metadata.name, each.stringData]),
  );
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');

  it('has objects with a kind, a version and a name', () => {
    for (const { apiVersion, kind, metadata } of objects)
      expect([apiVersion, kind, metadata.name]).not.toContain(undefined);
    expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length);
  });

  it('selects what it makes, and needs no rights', () => {
    for (const { spec } of deployments) {
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true },
      });
      for (const { securityContext } of spec.template.spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
    const labels = deployments.map(({ spec }) => spec.template.metadata.labels);
    for (const { kind, spec } of objects) {
      const selector = kind === 'Service' ? spec.selector : kind === 'PodDisruptionBudget' && spec.selector.matchLabels;
      if (selector) expect(labels).toContainEqual(expect.objectContaining(selector));
    }
  });

  it('names variables and routes that there are, and gives a server the time to drain', () => {
    const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: object };
    const [{ spec }] = deployments.filter(({ metadata }) => metadata.name === 'ticket-booking');
    const [server] = spec.template.spec.containers;
    const names = server.env.map(({ name }: { name: string }) => name);
    for (const variable of [...names, ...Object.keys(secrets.get('ticket-booking'))]) {
      expect([variable, VARIABLES.has(variable)]).toEqual([variable, true]);
    }
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(Object.keys(paths)).toContain(server[probe].httpGet.path);
    }
    const delay = Number(server.env.find(({ name }: { name: string }) => name === 'SHUTDOWN_DELAY_SECONDS').value);
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(delay + DRAIN_SECONDS);
  });
});
