import { spawnSync } from 'node:child_process';
import { ROOT } from './processes.js';

/** What git says about this repository; undefined where it fails, or where there is no git. */
export function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** The full hash of the commit that `name` names. Throws where there is none. */
export function findCommit(name: string): string {
  const hash = git('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
  if (hash === undefined) throw new Error(`--against must name a commit of this repository, and "${name}" names none`);
  return hash;
}
