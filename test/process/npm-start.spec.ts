import { spawn } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { freePort } from '../../scripts/support/free-port.js';
import { Api } from '../support/api.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

/** As a supervisor does it: the signal goes to npm alone. The build is left out, since other tests use what is built. */
it('npm start hands SIGTERM on to the server, and ends with its code', async () => {
  const port = await freePort();
  const npm = spawn('npm', ['start', '--ignore-scripts'], {
    env: { ...process.env, MONGO_URI: freshDatabaseUri(), PORT: String(port) },
    stdio: 'ignore',
  });
  const exited = new Promise((done) => npm.once('exit', (code, signal) => done({ code, signal })));
  const api = new Api(`http://127.0.0.1:${port}`);
  const isReady = () =>
    api.get('/health/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  await until('npm start serves', async () => npm.exitCode !== null || (await isReady()));

  npm.kill('SIGTERM');

  expect(await exited).toEqual({ code: 0, signal: null });
  await expect(api.get('/health/live')).rejects.toThrow();
});
