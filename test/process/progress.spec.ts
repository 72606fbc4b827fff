import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { idOf } from '../support/factories.js';
import { itWith } from '../support/programs.js';
import { runToEnd, untilEnd, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const AUDIT = join(process.cwd(), 'dist/cli/audit.js');
const CLEAR = '\r\x1b[K';
/** Runs a command in a terminal of its own, and prints what that shows. */
const IN_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

describe('the progress of the scripts', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  /** The address of a database with two events, taken over. */
  async function prepare(): Promise<string> {
    const uri = freshDatabaseUri();
    const client = new mongo.MongoClient(uri);
    const events = [1, 2].map((id) => ({
      _id: new mongo.ObjectId(idOf(id)),
      name: 'Opera',
      totalTickets: 5,
      availableTickets: 5,
    }));
    await client.db().collection('events').insertMany(events);
    await client.close();
    return uri;
  }
  const run = (script: string, uri: string, environment: Record<string, string>) =>
    runToEnd(workplace.folder(), `dist/cli/${script}.js`, ['--uri', uri], environment);

  it('is plain lines in a pipe, apart from the results, and nothing in CI', async () => {
    const uri = await prepare();
    const imported = await run('import', uri, { CI: '' });
    expect(imported.code).toBe(0);
    expect(imported.stderr.split('\n')).toEqual([
      expect.stringMatching(/^documents looked at: 2 of 2 \(100 %\), \d+ s$/),
      expect.stringMatching(/^documents looked at: 2 of 2 \(100 %\), \d+ s$/),
      expect.stringMatching(/^events taken over: 2 of 2 \(100 %\), \d+ s$/),
      '',
    ]);
    const audited = { code: 0, signal: null, stdout: '2 events recounted: every book balances.\n' };
    const inPipe = /^events recounted: 2 of 2 \(100 %\), \d+ s\n$/;
    expect(await run('audit', uri, { CI: '' })).toEqual({ ...audited, stderr: expect.stringMatching(inPipe) });
    expect(await run('audit', uri, { CI: 'true' })).toEqual({ ...audited, stderr: '' });
  });

  itWith('python3', 'is redrawn in a terminal, which keeps nothing of it', async (python) => {
    const uri = await prepare();
    await run('import', uri, { CI: 'true' });
    const results = join(workplace.folder(), 'results');
    const inTerminal = (environment: Record<string, string>) => {
      const { MONGO_URI: _, NODE_OPTIONS: __, ...inherited } = process.env;
      const command = 'exec "$0" "$1" --uri "$2" >"$3"';
      const args = ['-c', IN_TERMINAL, 'sh', '-c', command, process.execPath, AUDIT, uri, results];
      const env = { ...inherited, ...environment };
      return untilEnd(spawn(python, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    };

    const { code, stdout: shown } = await inTerminal({ CI: '' });
    expect(code).toBe(0);
    expect(shown).toContain(`${CLEAR}events recounted: 0 of 2 (0 %), 0 s${CLEAR}`);
    expect(shown.slice(-CLEAR.length)).toBe(CLEAR);
    expect(shown).not.toContain('\n');
    expect(readFileSync(results, 'utf8')).toBe('2 events recounted: every book balances.\n');
    expect(await inTerminal({ CI: 'true' })).toMatchObject({ code: 0, stdout: '' });
  });
});
