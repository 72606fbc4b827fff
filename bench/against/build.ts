import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildProduct } from '../../scripts/support/product.js';
import { git } from '../support/git.js';
import { ROOT, temporaryFolder } from '../support/processes.js';
import type { Scope } from '../support/scope.js';

/** A folder with a built product. */
export interface Build {
  readonly label: string;
  readonly root: string;
}

/** Builds the files of this folder as they are. */
export function buildThis(): Build {
  buildProduct();
  return { label: 'this build', root: ROOT };
}

/** Builds a commit in a worktree that goes with the scope. It runs on the packages that are installed here. */
export function buildCommit(scope: Scope, hash: string): Build {
  const root = join(temporaryFolder(scope), 'worktree');
  if (git('worktree', 'add', '--detach', root, hash) === undefined) {
    throw new Error(`git makes no worktree of ${hash}`);
  }
  scope.defer(() => {
    if (git('worktree', 'remove', '--force', root) === undefined) throw new Error(`git does not remove ${root}`);
  });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  buildProduct(root);
  return { label: hash.slice(0, 7), root };
}

/** Whether both were made for the same packages. */
export function haveSamePackages(one: Build, other: Build): boolean {
  const [a, b] = [one, other].map(({ root }) => {
    const file = join(root, 'package-lock.json');
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  });
  return a === b;
}
