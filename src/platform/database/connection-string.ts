import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { mongo } from 'mongoose';
import { StartupError } from './startup-error.js';

/** A write concern as MongoDB reports it, or as a connection string states it. */
export interface StatedWriteConcern {
  readonly w?: unknown;
  readonly j?: unknown;
}

/**
 * Throws a StartupError when `uri` is no connection string, asks for a write concern that can lose bookings or for a
 * compressor that is not installed, or names a file for TLS that can't be used.
 */
export async function refuseBadUri(uri: string): Promise<void> {
  const { options } = parseUri(uri);
  refuseWeak(
    options.writeConcern,
    'MONGO_URI asks for',
    'remove w and journal from MONGO_URI, so that a majority acknowledges',
  );
  refuseCompressors(options.compressors);
  await refuseWithout('tlsCAFile', options.tlsCAFile, ['CERTIFICATE']);
  await refuseWithout('tlsCertificateKeyFile', options.tlsCertificateKeyFile, ['CERTIFICATE', 'PRIVATE KEY']);
  await refuseWithout('tlsCRLFile', options.tlsCRLFile, ['X509 CRL']);
}

/** A client that is not connected yet. Throws a StartupError when `uri` is no connection string. */
export function parseUri(uri: string): mongo.MongoClient {
  try {
    return new mongo.MongoClient(uri);
  } catch (error) {
    throw invalidUri(uri, error as Error);
  }
}

/** Says what is wrong with `uri`, without a word of its user and password. */
export function invalidUri(uri: string, { message }: Error): StartupError {
  const host = /^Unable to parse (.*) with URL$/.exec(message)?.[1];
  let reason = host === undefined ? message.replace(/\.$/, '') : `${host} is no host and port (0 to 65535)`;
  // Where a password has a bare slash, the driver takes a part of it for the hosts.
  if (host !== undefined && uri.includes('@')) {
    reason = 'check its hosts and ports, and write special characters of the user and the password as %XX (%2F for /)';
  }
  return new StartupError(`MONGO_URI is not a valid MongoDB connection string: ${reason}.`);
}

const PACKAGES: Readonly<Record<string, string>> = { snappy: 'snappy', zstd: '@mongodb-js/zstd' };

/** The driver finds out with its first command, or never where the server compresses nothing. */
function refuseCompressors(compressors: readonly string[]): void {
  for (const compressor of compressors) {
    const name = PACKAGES[compressor];
    if (name === undefined || isInstalled(name)) continue;
    throw new StartupError(
      `MONGO_URI asks for the compressor ${compressor}, whose package ${name} is not installed: ` +
        'remove it from compressors, or say compressors=zlib.',
    );
  }
}

function isInstalled(name: string): boolean {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
}

/** Throws a StartupError when `concern` is weaker than a journaled majority. */
export function refuseWeak(concern: StatedWriteConcern | undefined, who: string, remedy: string): void {
  const isWeak = (concern?.w !== undefined && concern.w !== 'majority') || concern?.j === false;
  if (!isWeak) return;
  const stated = JSON.stringify({ w: concern.w, ...(concern.j === false && { j: false }) });
  throw new StartupError(`${who} the write concern ${stated}, which can lose acknowledged bookings: ${remedy}.`);
}

/** The driver says nothing of a file without a certificate: every certificate is unknown to it then. */
async function refuseWithout(option: string, file: string | undefined, parts: readonly string[]): Promise<void> {
  if (file === undefined) return;
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError(`MONGO_URI names the file ${file} (${option}), which can not be read (${code}).`);
  });
  const missing = parts.find((part) => !new RegExp(`-----BEGIN [A-Z ]*${part}-----`).test(pem));
  if (missing === undefined) return;
  throw new StartupError(`MONGO_URI names the file ${file} (${option}), which holds no ${missing} in PEM format.`);
}
