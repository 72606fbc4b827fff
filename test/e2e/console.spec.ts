import { afterEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { ApiKeysService } from '../../src/platform/auth/index.js';
import { Api } from '../support/api.js';
import { expectProblem } from '../support/expect-problem.js';
import { type AppOptions, type RunningApp, startApp } from '../support/start-app.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const BUDGET_BYTES = 60_000;

/** The files that the page names. */
const filesOf = (html: string) => [...html.matchAll(/(?:src|href)="(console\/[^"]+)"/g)].map(([, file]) => `/${file}`);

describe('the page for operators', () => {
  let running: RunningApp;
  afterEach(() => running.close());
  const start = async (options: AppOptions = {}) => (running = await startApp(options)).api;

  it('is served to everybody, under the strict policy, and its data are not', async () => {
    const api = await start();
    await running.app.get(ApiKeysService).create('office', ['operate']);
    const { status, headers, body } = await api.get('/console');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toBe(POLICY);
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(body).not.toMatch(/<script(?! type="module" src="console\/)|style=|https?:/);
    expectProblem(await api.get('/operations'), 401, 'unauthorized');
  });

  it('loads files of this server alone, which browsers keep, and is small', async () => {
    const api = await start();
    const page = await api.get('/console');
    const files = filesOf(page.body);
    expect(files.map((file) => file.replace(/-[A-Z0-9]{8}\./, '.'))).toEqual([
      '/console/icon.svg',
      '/console/main.css',
      '/console/main.js',
    ]);
    let bytes = gzipSync(page.body).length;
    for (const file of files) {
      const { status, headers, body } = await api.get(file);
      expect([file, status, headers.get('content-security-policy')]).toEqual([file, 200, POLICY]);
      expect(headers.get('content-encoding')).toBe('gzip');
      if (!file.endsWith('.svg')) expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      bytes += gzipSync(body).length;
    }
    expect(bytes).toBeLessThan(BUDGET_BYTES);
    const plain = await api.get('/console', { 'accept-encoding': 'identity' });
    expect([plain.headers.get('content-encoding'), plain.body]).toEqual([null, page.body]);
  });

  it('has no other files', async () => {
    const api = await start();
    for (const path of [
      '/console/nothing.js',
      '/console/..%2Fmain.js',
      '/console/index.html/x',
      '/console/index.html',
      '/console/main.js',
    ]) {
      expectProblem(await api.get(path), 404, 'route_not_found');
    }
  });

  it('is not there with CONSOLE=off', async () => {
    const api = await start({ config: { console: 'off' } });
    expectProblem(await api.get('/console'), 404, 'route_not_found');
    expectProblem(await api.get('/console/icon.svg'), 404, 'route_not_found');
  });

  it('stands below the base path', async () => {
    const { url } = await start({ config: { basePath: '/tickets' } });
    const api = new Api(`${url}/tickets`);
    const { body } = await api.get('/console');
    for (const file of filesOf(body)) expect((await api.get(file)).status).toBe(200);
  });
});
