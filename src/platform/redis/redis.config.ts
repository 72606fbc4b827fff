import type { ConfigField } from '../config/index.js';

const SCHEMES = ['redis:', 'rediss:'];

const url: ConfigField<string | undefined> = {
  variable: 'REDIS_URL',
  fallback: undefined,
  parse(text) {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    const isRight = parsed && SCHEMES.includes(parsed.protocol) && parsed.hostname !== '';
    // The number of a database may follow, and nothing else.
    if (isRight && /^(?:\/\d*)?$/.test(parsed.pathname) && parsed.search === '') return text;
    throw new Error('redis://HOST:PORT, or with TLS rediss://HOST:PORT');
  },
};

export const redisConfig = {
  /** Where servers on one database meet; without it each of them sells by itself. It may hold a password. */
  redisUrl: url,
};
