import { afterEach, describe, expect, it } from '@jest/globals';
import { Workplace, runToEnd } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';
import { freePort } from '../../scripts/support/free-port.js';

describe('npm run keys', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  const keys = (uri: string, ...args: string[]) =>
    runToEnd(workplace.folder(), 'dist/cli/keys.js', args, { MONGO_URI: uri });

  it('makes, lists and revokes keys that a running server goes by', async () => {
    const uri = freshDatabaseUri();
    const server = await (await workplace.start(workplace.folder(), { MONGO_URI: uri })).ready();
    await server.says('Keys  none');

    const made = await keys(uri, 'create', '--scope', 'sell', '--scope', 'operate', '--name', 'web shop');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tb_[\w-]{20,}\n$/) });
    const token = made.stdout.trim();
    const id = token.slice(3, 27);
    expect(made.stderr).toContain(id);
    expect(made.stderr).not.toContain(token);
    const holder = server.api.withKey(token);
    expect((await holder.book((await holder.createEvent())._id)).status).toBe(201);

    const listed = await keys(uri, 'list');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(new RegExp(`^${id} +sell\\+operate +\\S+ +\\S+ +- +web shop$`, 'm'));
    expect(listed.stdout).not.toContain(token.slice(27));

    expect(await keys(uri, 'revoke', id)).toMatchObject({ code: 0, stdout: '' });
    await until('the revoked key is refused', async () => (await holder.get('/events')).status === 401);
    expect((await keys(uri, 'list')).stdout).toMatch(
      new RegExp(`^${id} .+ \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d +web shop$`, 'm'),
    );
  });

  it('says on stderr what it can not do, changes nothing and ends with 1', async () => {
    const uri = freshDatabaseUri();
    for (const args of [
      [],
      ['create'],
      ['create', '--scope', 'sell', '--scope', 'admin', '--name', 'shop'],
      ['create', '--scope', 'sell', '--name', ' '],
      ['create', '--scope', 'sell', '--name', 'two\nlines'],
      ['create', 'more', '--scope', 'sell', '--name', 'shop'],
      ['list', '--name', 'shop'],
      ['revoke', 'nonsense'],
      ['revoke', '0'.repeat(24)],
      ['list', '--force'],
    ]) {
      const end = await keys(uri, ...args);
      expect({ args, ...end }).toEqual({ args, code: 1, signal: null, stdout: '', stderr: expect.stringMatching(/./) });
      expect(end.stderr).not.toMatch(/^\s+at /m);
    }
    expect(await keys(uri, 'list')).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('no key') });
  });
});

describe('a MONGO_URI that is none', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  it.each(['keys', 'audit'])('is what %s names, as the server does', async (command) => {
    const end = await runToEnd(workplace.folder(), `dist/cli/${command}.js`, command === 'keys' ? ['list'] : [], {
      MONGO_URI: 'localhost:27017',
    });
    expect(end).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('MONGO_URI must be') });
  });
});

describe('a server that others could reach', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  it('does not listen without a key, but does with one, or with AUTH=off', async () => {
    const uri = freshDatabaseUri();
    const environment = { MONGO_URI: uri, HOST: '0.0.0.0', PORT: String(await freePort()) };
    const refused = await workplace.start(workplace.folder(), environment);
    let answers = 0;
    const ask = setInterval(
      () =>
        void refused.api.get('/health/live').then(
          () => answers++,
          () => undefined,
        ),
      20,
    );
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    clearInterval(ask);
    expect(answers).toBe(0);
    const lines = refused.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(lines).toEqual([expect.stringMatching(/^Without an API key .+HOST=127\.0\.0\.1.+AUTH=off\.$/)]);

    const off = await (await workplace.start(workplace.folder(), { ...environment, AUTH: 'off' })).ready();
    expect((await off.api.get('/bookings')).status).toBe(200);
    await off.end();

    const { stdout, code } = await runToEnd(
      workplace.folder(),
      'dist/cli/keys.js',
      ['create', '--scope', 'operate', '--name', 'office'],
      { MONGO_URI: uri },
    );
    expect(code).toBe(0);
    const server = await (await workplace.start(workplace.folder(), environment)).ready();
    expect((await server.api.get('/bookings')).status).toBe(401);
    expect((await server.api.withKey(stdout.trim()).get('/bookings')).status).toBe(200);
  });
});
