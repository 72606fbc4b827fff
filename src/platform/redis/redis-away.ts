/** Redis is away, and was not asked, for certain. */
export class RedisAway extends Error {}
