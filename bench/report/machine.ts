import { cpus, release, totalmem, type } from 'node:os';
import { git } from '../support/git.js';

/** What the numbers depend on, as lines of "name: value". */
export function conditions(databases: string): string[] {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const arguments_ = process.argv.slice(2);
  return [
    `Machine: ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${memory} GB, ${type()} ${release()}; ` +
      'servers, databases and load generator share it',
    `Versions: Node.js ${process.versions.node}, ${databases}`,
    `Commit: ${commit()}`,
    `Command: ${['npm run bench', ...(arguments_.length > 0 ? ['--', ...arguments_] : [])].join(' ')}`,
    `Date: ${new Date().toISOString().slice(0, 10)}`,
  ];
}

function commit(): string {
  const hash = git('rev-parse', '--short', 'HEAD');
  if (hash === undefined) return 'unknown';
  return git('status', '--porcelain') === '' ? hash : `${hash}, with changes that are not committed`;
}
