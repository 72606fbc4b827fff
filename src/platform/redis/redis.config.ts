import { text } from '../config/index.js';

export const redisConfig = {
  /** Where servers on one database meet; without it each of them sells by itself. It may hold a password. */
  redisUrl: text('REDIS_URL', /^rediss?:\/\/\S+$/, 'a URL that begins with redis:// or rediss://', undefined),
};
