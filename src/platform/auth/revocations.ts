import { Inject, Injectable } from '@nestjs/common';
import { REDIS, type RedisServer } from '../redis/index.js';
import { ApiKeysService } from './api-keys.service.js';

const CHANNEL = 'revocations';

/** Tells servers that meet at a Redis that a key was revoked. Without it they notice within 5 s. */
@Injectable()
export class Revocations {
  constructor(
    @Inject(REDIS) private readonly redis: RedisServer | undefined,
    private readonly keys: ApiKeysService,
  ) {}

  /** From now on this server reads the keys again when it is told so. */
  async listen(): Promise<void> {
    await this.redis?.listen(this.redis.nameOf(CHANNEL), () => this.keys.readAgain());
  }
}

/** Returns how many servers were told. Throws where Redis is away. */
export function tellRevocation(redis: RedisServer): Promise<number> {
  // Nothing is believed of what it says: who gets it reads the keys.
  return redis.publish(redis.nameOf(CHANNEL), '');
}
