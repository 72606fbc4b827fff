import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/support/free-port.js';
import { Api } from '../support/api.js';
import { itWith } from '../support/programs.js';
import { bookedOf, times } from '../support/race.js';
import { runToEnd, untilEnd } from '../support/server-process.js';
import { until } from '../support/until.js';

const TSX = 'node_modules/tsx/dist/cli.mjs';
const SCRIPT = join(process.cwd(), 'scripts/cluster.ts');
const TICKETS = 20;

describe('npm run cluster', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ticket-booking-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  itWith('nginx', 'sells through nginx, and leaves nothing behind', async () => {
    const port = await freePort();
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [TSX, SCRIPT, '-n', '2', '--port', String(port)], {
      env: { ...inherited, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = untilEnd(child);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until('it says where everything is', () => text.includes('Ctrl-C') || child.exitCode !== null, 200_000);
    expect(text).toContain(`API      http://127.0.0.1:${port}\n`);

    const api = new Api(`http://127.0.0.1:${port}`);
    const event = await api.createEvent({ totalTickets: TICKETS });
    const answers = await Promise.all(
      times(2 * TICKETS, (user) => api.bookUntilAnswered(event._id, { userId: `user${user}` })),
    );
    expect(bookedOf(answers)).toHaveLength(TICKETS);
    expect((await api.get(`/events/${event._id}/integrity`)).body).toMatchObject({ balanced: true });

    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
    expect(readdirSync(folder).filter((name) => name.startsWith('ticket-booking'))).toEqual([]);
    await expect(api.get('/health/live')).rejects.toThrow();
    for (const [, server] of text.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
      await expect(fetch(`http://127.0.0.1:${server}/health/live`)).rejects.toThrow();
    }
    expect(existsSync(join(folder, 'nginx'))).toBe(false);
  });

  it.each([[['-n', '0']], [['-n', '17']], [['--port', 'any']], [['--what']]])('refuses %j', async (args) => {
    const { code, stdout, stderr } = await runToEnd(process.cwd(), TSX, [SCRIPT, ...args], { TMPDIR: folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(args[0]);
  });
});
