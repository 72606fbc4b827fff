import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { causeOfEnd } from '../../src/platform/database/mongod-log.js';

const line = (severity: string, msg: string, attr: object) =>
  JSON.stringify({ t: { $date: '2026-11-28T18:42:43.397+00:00' }, s: severity, c: 'WT', id: 22_435, msg, attr });
const error = (code: number, text: string) =>
  line('E', 'WiredTiger error message', { error: code, message: { error_str: text, error_code: code } });
const FCV = line('I', 'current featureCompatibilityVersion value', { featureCompatibilityVersion: 'unset' });

describe('the end of a mongod', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-booking-log-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const causeOf = (...lines: string[]) => {
    writeFileSync(join(folder, 'mongod.log'), lines.map((text) => `${text}\n`).join(''));
    return causeOfEnd(join(folder, 'mongod.log'), folder);
  };

  it.each([
    [
      'a full disk',
      error(28, 'No space left on device'),
      { kind: 'full', detail: expect.stringMatching(/^\d+ MB are free$/) },
    ],
    ['a quota', error(122, 'Disk quota exceeded'), { kind: 'full', detail: expect.stringContaining('quota') }],
    ['files of another user', error(13, 'Permission denied'), { kind: 'not writable' }],
    ['a file system that is read-only', error(30, 'Read-only file system'), { kind: 'not writable' }],
    [
      'another version',
      line('F', 'Wrong mongod version', { error: 'UPGRADE PROBLEM: ...' }),
      { kind: 'other version' },
    ],
    ['a folder in use', line('E', 'DBException', { error: 'DBPathInUse: Unable to lock' }), { kind: 'in use' }],
    [
      'anything else',
      line('F', 'Fatal assertion', { msgid: 7 }),
      { kind: 'other', detail: 'Fatal assertion {"msgid":7}' },
    ],
  ])('is explained by what its log says last: %s', async (_kind, last, cause) => {
    expect(await causeOf(FCV, last, line('I', 'Shutting down', {}))).toEqual(cause);
  });

  it('is not explained by what is no error', async () => {
    const harmless = line('I', 'command', { text: 'No space left on device, Permission denied' });
    expect(await causeOf(FCV, harmless, '{"t":{"$date":"')).toEqual({ kind: 'other', detail: '' });
  });

  it('is read from the end of a long log', async () => {
    expect(
      await causeOf(error(13, 'Permission denied'), FCV.repeat(2_000), error(7, 'Argument list too long')),
    ).toEqual({
      kind: 'other',
      detail: expect.stringContaining('Argument list too long'),
    });
  });

  it('is explained by the free space of the disk where its log could not be written', async () => {
    const log = join(folder, 'none.log');
    expect(await causeOfEnd(log, folder)).toEqual({ kind: 'other', detail: '' });
    expect(await causeOfEnd(log, '/proc')).toEqual({ kind: 'full', detail: '0 MB are free' });
  });
});
