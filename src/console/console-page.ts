import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the build puts the page: the same place seen from `src/console` and from `dist/console`. */
const FOLDER = new URL('../../dist/console-page/', import.meta.url);
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of the page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly gzipped: Buffer;
  readonly plain: Buffer;
  /** Its name changes with its content. */
  readonly isImmutable: boolean;
}

/** The files of the console, from the build. */
export class ConsolePage {
  private files: ReadonlyMap<string, PageFile> | undefined;

  /** Returns the file with this name, or the page itself; undefined if there is none. */
  find(name: string = PAGE): PageFile | undefined {
    this.files ??= readFiles();
    return this.files.get(name);
  }
}

/** Empty where the page has not been built. */
function readFiles(): ReadonlyMap<string, PageFile> {
  const folder = fileURLToPath(FOLDER);
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => TYPES[extname(name)] !== undefined);
  return new Map(names.map((name) => [name, toFile(name, readFileSync(folder + name))]));
}

function toFile(name: string, plain: Buffer): PageFile {
  const isImmutable = /-[A-Z0-9]{8}\.(js|css)$/.test(name);
  return { type: TYPES[extname(name)] ?? '', plain, gzipped: gzipSync(plain, { level: 9 }), isImmutable };
}
