import { mongo } from 'mongoose';
import { invalidUri, parseUri } from './connection-string.js';
import { isUnavailable } from './database.problems.js';
import { standalone } from './deployment.js';
import { type Greeting, greet, isTls, speaksPlain, speaksTls } from './host-probe.js';

/** Why there is no connection, without a word of the user and password. */
export interface Reason {
  readonly text: string;
  /** How long it may take until this passes by itself; 0: it does not. */
  readonly patienceMs: number;
}

const START_MS = 30_000;
/** A name is known as soon as its container starts, long before the database in it answers. */
const NAME_MS = 5_000;

const lasting = (text: string): Reason => ({ text, patienceMs: 0 });
const passing = (text: string, patienceMs = START_MS): Reason => ({ text, patienceMs });

const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA']);
const REFUSED_USER_CODES = new Set([11, 18, 8_000]);

/** Finds out why `uri` led to `error` instead of a connection. */
export async function whyUnreachable(uri: string, error: unknown): Promise<Reason> {
  return explainAnswer(uri, error) ?? explainHosts(uri, error);
}

/** What the error itself says; undefined where the hosts have to be asked. */
function explainAnswer(uri: string, error: unknown): Reason | undefined {
  if (error instanceof mongo.MongoMissingDependencyError) {
    return lasting(
      'MONGO_URI asks for an authMechanism whose package is not installed: use one with a password, or X.509.',
    );
  }
  if (error instanceof mongo.MongoServerError && REFUSED_USER_CODES.has(Number(error.code))) {
    return lasting('MongoDB refuses the user or the password (or their authSource) in MONGO_URI: correct them.');
  }
  if (error instanceof mongo.MongoServerError && !isUnavailable(error)) {
    return lasting(
      `MongoDB refuses the connection that MONGO_URI asks for: ${error.codeName ?? `code ${error.code}`}.`,
    );
  }
  const isInvalid = [mongo.MongoParseError, mongo.MongoAPIError].some((kind) => error instanceof kind);
  if (isInvalid && !isUnavailable(error)) return lasting(invalidUri(uri, error as Error).message);
  const { syscall, hostname, code } = error as NodeJS.ErrnoException & { hostname?: string };
  if (!syscall?.startsWith('query')) return undefined;
  const text = `MONGO_URI names a cluster whose DNS record ${hostname} can not be read (${code}): correct its name.`;
  return code === 'ENOTFOUND' || code === 'ENODATA' ? lasting(text) : passing(text);
}

/** Asks every host that the connection string names, and every member that the driver has heard of. */
async function explainHosts(uri: string, error: unknown): Promise<Reason> {
  const named = parseUri(uri).options.hosts.map((host) => host.toString());
  const heard = [...((error as { reason?: Partial<mongo.TopologyDescription> }).reason?.servers?.keys() ?? [])];
  const hosts = [...new Set([...named, ...heard])].filter((host) => host !== '');
  const asked = hosts.map(async (host) => explainHost(uri, host, await greet(uri, host), named.includes(host)));
  const reasons = (await Promise.all(asked)).sort((one, other) => one.patienceMs - other.patienceMs);
  const first = reasons[0] ?? passing('MongoDB can not be reached: check MONGO_URI, and that it runs.');
  return first.patienceMs === 0 ? first : { ...first, patienceMs: Math.max(...reasons.map((r) => r.patienceMs)) };
}

async function explainHost(uri: string, host: string, greeting: Greeting, isNamed: boolean): Promise<Reason> {
  if ('hello' in greeting) return explainHello(uri, host, greeting.hello);
  const who = isNamed ? `MONGO_URI names the host ${host}` : `The replica set in MONGO_URI has a member ${host}`;
  const { code = '', message } = greeting.error;
  if (NAME_CODES.has(code)) return passing(`${who}, whose name does not resolve: correct it, or the DNS.`, NAME_MS);
  return (await explainTls(uri, host, code)) ?? passing(`${who}, which does not answer (${code || message}).`);
}

function explainHello(uri: string, host: string, hello: mongo.Document): Reason {
  const [wanted, found] = [parseUri(uri).options.replicaSet, hello['setName'] as string | undefined];
  if (found === undefined && hello['isreplicaset']) {
    return passing(`The MongoDB at ${host} is not yet a member of a replica set: run rs.initiate() on it once.`);
  }
  if (found === undefined && hello['msg'] !== 'isdbgrid') return lasting(standalone().message);
  if (wanted && found && wanted !== found) {
    return lasting(
      `MONGO_URI asks for the replica set ${wanted}, and ${host} belongs to ${found}: say replicaSet=${found}.`,
    );
  }
  return passing(`The replica set in MONGO_URI has no primary that is reached from here (${host} answers).`);
}

/** What is wrong with TLS between us and `host`; undefined where nothing is. */
async function explainTls(uri: string, host: string, code: string): Promise<Reason | undefined> {
  if (!isTls(uri)) {
    if (!(await speaksTls(host))) return undefined;
    return lasting(
      `The MongoDB at ${host} speaks TLS only, and MONGO_URI does not ask for it: add tls=true (and tlsCAFile, for a CA of your own).`,
    );
  }
  if (isCertificateCode(code)) return lasting(explainCertificate(uri, host, code));
  if (await speaksPlain(host)) {
    return lasting(
      `MONGO_URI asks for TLS, and the MongoDB at ${host} does not speak it: remove tls=true, or turn it on there.`,
    );
  }
  if (!(await speaksTls(host))) return undefined;
  return lasting(
    `The MongoDB at ${host} ends the TLS connection: name a client certificate that it takes (tlsCertificateKeyFile in MONGO_URI).`,
  );
}

const isCertificateCode = (code: string) =>
  /CERT|SIGNATURE|ISSUER|CRL|^ERR_(SSL|TLS|OSSL)/.test(code) && !/WRONG_VERSION/.test(code);

function explainCertificate(uri: string, host: string, code: string): string {
  const { tlsCAFile } = parseUri(uri).options;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The certificate of the MongoDB at ${host} is for other names: name the host in MONGO_URI as the certificate does.`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `The certificate of the MongoDB at ${host} is not valid now (${code}): replace it, or correct this machine's clock.`;
  }
  if (/^ERR_(SSL|OSSL)/.test(code)) {
    return `TLS with the MongoDB at ${host} fails (${code}): check the tls options in MONGO_URI.`;
  }
  const known = tlsCAFile
    ? `in ${tlsCAFile} (tlsCAFile)`
    : 'that this machine knows: name the file of its CA (tlsCAFile)';
  return `The certificate of the MongoDB at ${host} is not signed by a CA ${known} in MONGO_URI (${code}).`;
}
