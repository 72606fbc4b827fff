import { type ConfigOf, integer, oneOf } from '../config/index.js';

const MOST = { min: 1, max: 999_999_999 };
const perMinute = (variable: string, fallback: number) => integer(variable, { ...MOST, fallback });

/** Requests a minute: far above what one shop, or one user in a hurry, needs. */
export const rateLimitConfig = {
  rateLimitEnabled: oneOf('RATE_LIMIT_ENABLED', ['true', 'false'], 'true'),
  sellPerKey: perMinute('RATE_LIMIT_SELL_PER_KEY', 600_000),
  readPerKey: perMinute('RATE_LIMIT_READ_PER_KEY', 1_200_000),
  sellPerUser: perMinute('RATE_LIMIT_SELL_PER_USER', 3_000),
  readPerUser: perMinute('RATE_LIMIT_READ_PER_USER', 6_000),
  sellPerIp: perMinute('RATE_LIMIT_SELL_PER_IP', 600_000),
  readPerIp: perMinute('RATE_LIMIT_READ_PER_IP', 1_200_000),
};

export type RateLimitConfig = ConfigOf<typeof rateLimitConfig>;
export const RATE_LIMIT_CONFIG = Symbol('RATE_LIMIT_CONFIG');
