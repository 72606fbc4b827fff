import { describe, expect, it } from '@jest/globals';
import { type ApiKey, createToken, hashOf } from '../../src/platform/auth/api-key.js';
import type { ApiKeysRepository } from '../../src/platform/auth/api-keys.repository.js';
import { ApiKeysService } from '../../src/platform/auth/api-keys.service.js';
import { FakeClock, settle } from '../support/fake-clock.js';

/** The database's side: what there is, and whether it answers. */
class Keys {
  keys: ApiKey[] = [];
  reads = 0;
  uses: string[] = [];
  answers = true;

  list(): Promise<ApiKey[]> {
    this.reads += 1;
    return this.answers ? Promise.resolve(this.keys) : new Promise(() => undefined);
  }

  recordUse(id: string): Promise<void> {
    this.uses.push(id);
    return Promise.resolve();
  }

  add(fields: Partial<ApiKey> = {}): { key: ApiKey; token: string } {
    const id = String(this.keys.length + 1).padStart(24, '0');
    const token = createToken(id);
    const key: ApiKey = {
      ...{ id, name: 'shop', scopes: ['sell'], hash: hashOf(token), createdAt: new Date(this.keys.length) },
      ...{ lastUsedAt: undefined, revokedAt: undefined, ...fields },
    };
    this.keys = [...this.keys, key];
    return { key, token };
  }

  revoke({ id }: ApiKey): void {
    this.keys = this.keys.map((key) => (key.id === id ? { ...key, revokedAt: new Date() } : key));
  }
}

function start() {
  const clock = new FakeClock();
  const store = new Keys();
  return { clock, store, service: new ApiKeysService(store as unknown as ApiKeysRepository, clock) };
}

describe('the API keys as a process knows them', () => {
  it('are read once for a thousand requests, and again as time goes by', async () => {
    const { clock, store, service } = start();
    const { key, token } = store.add();
    for (let time = 0; time < 1_000; time++) expect((await service.findHolder(token))?.key).toEqual(key);
    expect(store.reads).toBe(1);
    for (let second = 0; second < 10; second++) {
      await clock.advance(1_000);
      await service.findHolder(token);
    }
    expect(store.reads).toBeGreaterThanOrEqual(6);
    expect(store.reads).toBeLessThanOrEqual(12);
  });

  it('are refused within 5 s of being revoked, however the requests come', async () => {
    for (const everyMs of [10, 400, 1_100, 2_900, 4_900]) {
      const { clock, store, service } = start();
      const { key, token } = store.add();
      expect(await service.findHolder(token)).toBeDefined();
      store.revoke(key);
      for (let waited = 0; waited + everyMs < 5_000; waited += everyMs) {
        await clock.advance(everyMs);
        await service.findHolder(token);
      }
      await clock.advance(everyMs);
      expect({ everyMs, holder: await service.findHolder(token) }).toEqual({ everyMs, holder: undefined });
    }
  });

  it('work at once when they are new, and guessing costs few reads', async () => {
    const { clock, store, service } = start();
    await service.findHolder(store.add().token);
    const found = service.findHolder(store.add().token);
    await settle();
    await clock.advance(50);
    expect(await found).toBeDefined();
    const before = store.reads;
    const guesses: Promise<unknown>[] = [];
    for (let guess = 0; guess < 1_000; guess++) {
      guesses.push(service.findHolder(createToken(String(guess).padStart(24, 'f'))));
      await clock.advance(1);
    }
    await clock.advance(100);
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([undefined]));
    expect(store.reads - before).toBeLessThanOrEqual(25);
  });

  it('can not be judged for longer than that while the database is silent', async () => {
    const { clock, store, service } = start();
    const { token } = store.add();
    await service.findHolder(token);
    store.answers = false;
    await clock.advance(1_500);
    expect(await service.findHolder(token)).toBeDefined();
    await clock.advance(2_000);
    const judged = service.findHolder(token);
    judged.catch(() => undefined);
    await clock.advance(2_000);
    await expect(judged).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  it('are said to be used once a minute', async () => {
    const { clock, store, service } = start();
    const { key, token } = store.add();
    for (let second = 0; second < 130; second++) {
      await service.findHolder(token);
      await clock.advance(1_000);
    }
    expect(store.uses).toEqual([key.id, key.id, key.id]);
  });

  it('see what earlier ones of their name have sold, and no more', async () => {
    const { clock, store, service } = start();
    const [first, second, rival] = [store.add(), store.add(), store.add({ name: 'rival' })];
    const sees = async (token: string) => [...(await service.findHolder(token))!.sees!];
    expect(await sees(first.token)).toEqual([first.key.id]);
    expect(await sees(second.token)).toEqual([second.key.id, first.key.id]);
    expect(await sees(rival.token)).toEqual([rival.key.id]);
    const found = service.findHolder(store.add({ scopes: ['sell', 'operate'] }).token);
    await settle();
    await clock.advance(50);
    expect((await found)!.sees).toBeUndefined();
  });
});
