import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Cause, causeOfEnd } from './mongod-log.js';
import { StartupError } from './startup-error.js';

/** What `mongod.json` in the data folder says: where the mongod there is, who runs it, and which program it is. */
export interface Address {
  readonly uri: string;
  readonly port: number;
  readonly pid: number;
  readonly ownerPid: number;
  readonly binary: string;
}

/** The folder is held by another mongod. */
export class DataInUse extends StartupError {}

/** The folder of an embedded MongoDB: its data, its log, its address, and what is wrong with them. */
export class DataFolder {
  readonly path: string;
  readonly dbPath: string;
  readonly logFile: string;
  private readonly addressFile: string;

  constructor(path: string) {
    this.path = resolve(path);
    this.dbPath = resolve(path, 'db');
    this.logFile = resolve(path, 'mongod.log');
    this.addressFile = resolve(path, 'mongod.json');
  }

  /** Makes what is missing. Throws a StartupError where this user can't write in it. */
  async prepare(): Promise<void> {
    await mkdir(this.dbPath, { recursive: true });
    for (const folder of [this.path, this.dbPath]) await access(folder, constants.W_OK | constants.X_OK);
  }

  /** Undefined where there is none that can be read. */
  async readAddress(): Promise<Address | undefined> {
    try {
      const address = JSON.parse(await readFile(this.addressFile, 'utf8')) as Partial<Address> | null;
      const isWhole =
        [address?.uri, address?.binary].every((text) => typeof text === 'string') &&
        [address?.port, address?.pid, address?.ownerPid].every(Number.isInteger);
      return isWhole ? (address as Address) : undefined;
    } catch {
      return undefined;
    }
  }

  async writeAddress(address: Address): Promise<void> {
    await writeFile(`${this.addressFile}.new`, `${JSON.stringify(address, null, 2)}\n`);
    await rename(`${this.addressFile}.new`, this.addressFile);
  }

  /** Why the mongod that ran here has ended. */
  async explainEnd(): Promise<StartupError> {
    return this.explain(await causeOfEnd(this.logFile, this.path));
  }

  inUse(by = ''): StartupError {
    return new DataInUse(
      `The data in ${this.path} is in use by another server${by}: stop that one first, ` +
        'or start this one in another folder or with MONGO_URI.',
    );
  }

  /** What the system says of a file of this folder, in a sentence; any other error as it is. */
  explainFileError(error: unknown): unknown {
    const { code, path, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined || !path?.startsWith(this.path)) return error;
    if (code === 'ENOSPC' || code === 'EDQUOT') return this.explain({ kind: 'full', detail: code });
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      return new StartupError(
        `The data folder ${this.path} can not be made, since ${path} is no folder: move it away.`,
      );
    }
    return this.notWritable(`${code}, ${path}`);
  }

  private notWritable(why: string): StartupError {
    return new StartupError(
      `The data folder ${this.path} can not be written by this user (${why}): ` +
        'give it to this user, start in another folder, or set MONGO_URI.',
    );
  }

  private explain(cause: Cause): StartupError {
    switch (cause.kind) {
      case 'in use':
        return this.inUse();
      case 'other version':
        return new StartupError(
          `The data in ${this.path} was written by another version of MongoDB: name that mongod in ` +
            `MONGOMS_SYSTEM_BINARY. Its log is ${this.logFile}.`,
        );
      case 'full':
        return new StartupError(
          `The disk of the data folder ${this.path} is full (${cause.detail}): free space on it.`,
        );
      case 'not writable':
        return this.notWritable(`its log is ${this.logFile}`);
      case 'other':
        return new StartupError(
          `The embedded MongoDB ended${cause.detail && `, and says "${cause.detail}"`}; its log is ${this.logFile}.`,
        );
    }
  }
}
