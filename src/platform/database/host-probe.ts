import { lookup } from 'node:dns/promises';
import { connect } from 'node:tls';
import { mongo } from 'mongoose';
import { parseUri } from './connection-string.js';

const TIMEOUT_MS = 1_000;

/** What a host says when it is greeted: its `hello`, or why there is none. */
export type Greeting = { readonly hello: mongo.Document } | { readonly error: NodeJS.ErrnoException };

/** Greets `host` by itself, with the TLS options of `uri`: the driver leaves out of its errors what it has dropped. */
export async function greet(uri: string, host: string): Promise<Greeting> {
  return ask(`mongodb://${host}/?${tlsOptionsOf(uri)}&directConnection=true`);
}

/** Whether the MongoDB at `host` answers to who does not speak TLS. */
export async function speaksPlain(host: string): Promise<boolean> {
  return 'hello' in (await ask(`mongodb://${host}/?directConnection=true`));
}

/** Whether the program at `host` speaks TLS, with whatever certificate. */
export function speaksTls(host: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${host}`);
  return new Promise((done) => {
    const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 27_017) };
    const socket = connect({ ...address, rejectUnauthorized: false, timeout: TIMEOUT_MS }, () => end(true));
    const end = (speaks: boolean) => {
      socket.destroy();
      done(speaks);
    };
    socket.once('timeout', () => end(false)).once('error', () => end(false));
  });
}

/** The names among the hosts of `uri` that do not resolve: while other members answer, the driver says nothing of them. */
export async function unresolvedHosts(uri: string): Promise<string[]> {
  const names = parseUri(uri).options.hosts.flatMap(({ host }) => host ?? []);
  const isKnown = await Promise.all(
    names.map((name) =>
      lookup(name).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_name, at) => !isKnown[at]);
}

async function ask(uri: string): Promise<Greeting> {
  try {
    const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: TIMEOUT_MS });
    const hello = await client
      .db('admin')
      .command({ hello: 1 })
      .finally(() => client.close());
    return { hello };
  } catch (error) {
    return { error: rootOf(error as Error) };
  }
}

/** What Node says, under what the driver makes of it. */
function rootOf(error: Error): NodeJS.ErrnoException {
  const { reason } = error as { reason?: Partial<mongo.TopologyDescription> };
  const ofServer = [...(reason?.servers?.values() ?? [])].find((server) => server.error)?.error;
  const cause = ofServer ?? (error.cause as Error | undefined);
  return cause ? rootOf(cause) : error;
}

function tlsOptionsOf(uri: string): string {
  const options = [...new URLSearchParams(uri.split('?')[1] ?? '')].filter(([name]) => /^(tls|ssl)/i.test(name));
  if (options.length === 0 && isTls(uri)) options.push(['tls', 'true']);
  return new URLSearchParams(options).toString();
}

/** Whether `uri` asks for TLS; `mongodb+srv:` does by itself. */
export function isTls(uri: string): boolean {
  return parseUri(uri).options.tls;
}
