import { spawn } from 'node:child_process';
import { afterEach, describe, expect } from '@jest/globals';
import { itWith } from '../support/programs.js';
import { runToEnd, untilEnd, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

/** Rules that no JSON schema says: what a cursor names, which currencies exist, how many tickets all sections have. */
const SAID_IN_WORDS = 'positive_data_acceptance';
/** Answers without an end. */
const STREAMS = '/stream$';

describe('requests made up from the API description', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  itWith('schemathesis', 'get no server error, and no answer that is not described', async (schemathesis) => {
    const folder = workplace.folder();
    const environment = { MONGO_URI: freshDatabaseUri() };
    const scopes = ['--scope', 'sell', '--scope', 'operate'];
    const made = await runToEnd(folder, 'dist/cli/keys.js', ['create', ...scopes, '--name', 'test'], environment);
    const { api } = await (await workplace.start(folder, environment)).ready();

    const args = ['run', `${api.url}/docs-json`, '--header', `Authorization: Bearer ${made.stdout.trim()}`];
    const options = [
      '--exclude-path-regex',
      STREAMS,
      '--exclude-checks',
      SAID_IN_WORDS,
      '--max-examples',
      '40',
      '--seed',
      '1',
      '--no-color',
    ];
    const end = await untilEnd(spawn(schemathesis, [...args, ...options], { cwd: folder }));

    expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(/Tested: +\d\d/) });
  });
});
