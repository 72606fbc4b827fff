export { redisConfig } from './redis.config.js';
export { REDIS, RedisModule } from './redis.module.js';
export { withRedis } from './with-redis.js';
export { RedisPeers } from './redis-peers.js';
export type { RedisServer } from './redis-server.js';
