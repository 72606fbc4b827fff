import { isIP } from 'node:net';
import { type ConfigField, type ConfigOf, integer, text } from '../config/index.js';

/** A host as browsers send it, and a port where it is not the scheme's own. */
const ORIGIN = /^https?:\/\/(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d+)?$/;

/** `*`, or the origins that may call from a browser, separated by commas. */
const origins: ConfigField<'*' | readonly string[]> = {
  variable: 'CORS_ORIGINS',
  fallback: '*',
  parse(value) {
    if (value === '*') return '*';
    const list = value.split(',').map((origin) => toOrigin(origin.trim()));
    if (list.every((origin) => origin !== undefined)) return [...new Set(list)];
    throw new Error('* or origins such as https://shop.example, without a path, separated by commas');
  },
};

/** As a browser sends it: in lower case, without the scheme's own port or a slash. Undefined for what no browser sends. */
function toOrigin(text: string): string | undefined {
  const url = /^https?:\/\/[^/\\\s?#@]+\/?$/i.test(text) && URL.canParse(text) ? new URL(text).origin : undefined;
  return url !== undefined && ORIGIN.test(url) ? url : undefined;
}

/** The proxies in front, by number or address: only their `X-Forwarded-For` is trusted. */
const trustProxy: ConfigField<number | readonly string[]> = {
  variable: 'TRUST_PROXY',
  fallback: 0,
  parse(value) {
    if (/^\d$/.test(value)) return Number(value);
    const list = value.split(',').map((network) => network.trim());
    if (list.every(isNetwork)) return list;
    throw new Error('the number of proxies in front (0 to 9), or their addresses and networks, such as 10.0.0.0/8');
  },
};

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
  return isIP(address) !== 0 && isPrefix && more.length === 0;
}

const named = text(
  'HOST',
  /^[A-Za-z0-9.:_-]+$/,
  'a host name or an address, such as 127.0.0.1 or 0.0.0.0',
  '127.0.0.1',
);

/** Fastify would listen on every address of `localhost`, with a server for each: the gate and the shutdown stand before one. */
const host: ConfigField<string> = {
  ...named,
  parse(value) {
    const name = named.parse(value);
    return name.toLowerCase() === 'localhost' ? '127.0.0.1' : name;
  },
};

/** Where the API stands on its host, as in `/tickets`; empty at the top. A proxy in front passes it on with the path. */
const basePath: ConfigField<string> = {
  variable: 'BASE_PATH',
  fallback: '',
  parse(value) {
    const path = value.replace(/\/$/, '');
    if (/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/.test(path)) return path;
    throw new Error('a path that begins with a slash, such as /tickets, of letters, digits, and . _ ~ -');
  },
};

export const httpConfig = {
  port: integer('PORT', { fallback: 5000, min: 0, max: 65_535 }),
  host,
  basePath,
  corsOrigins: origins,
  trustProxy,
  /** For how long requests are served after the signal to end. */
  shutdownDelaySeconds: integer('SHUTDOWN_DELAY_SECONDS', { fallback: 0, min: 0, max: 3_600 }),
  /** For how long a connection is kept without a request: longer than a proxy in front keeps it. */
  keepAliveSeconds: integer('KEEP_ALIVE_SECONDS', { fallback: 65, min: 1, max: 3_600 }),
};

export type HttpConfig = ConfigOf<typeof httpConfig>;
