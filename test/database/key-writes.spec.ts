import { describe, expect, it } from '@jest/globals';
import type { mongo } from 'mongoose';
import { SystemClock } from '../../src/common/clock.js';
import { ApiKeysRepository, ApiKeysService } from '../../src/platform/auth/index.js';
import { withDatabase } from '../../src/platform/database/index.js';
import { watchedUri } from '../support/watch-commands.js';

describe('API keys', () => {
  it('are made and revoked by a journaled majority, so that no failover takes a revocation back', async () => {
    const sent: mongo.CommandStartedEvent[] = [];
    await withDatabase(watchedUri(), {}, async (connection) => {
      connection.getClient().on('commandStarted', (event) => sent.push(event));
      const keys = new ApiKeysService(new ApiKeysRepository(connection), new SystemClock());
      const { key } = await keys.create('shop', ['sell']);
      await keys.revoke(key.id);
      await keys.list();
    });
    const concerns = sent
      .filter(({ command }) => Object.values(command).includes('apiKeys'))
      .map(({ commandName, command }) => [commandName, command['writeConcern'] ?? command['readConcern']]);
    const majority = { w: 'majority', j: true };
    expect(concerns).toEqual([
      ['insert', majority],
      ['update', majority],
      ['find', { level: 'majority' }],
    ]);
  });
});
