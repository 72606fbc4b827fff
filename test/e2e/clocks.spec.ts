import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock, SystemClock } from '../../src/common/clock.js';
import { mongo } from 'mongoose';
import { ApiKeysRepository, ApiKeysService } from '../../src/platform/auth/index.js';
import type { Api } from '../support/api.js';
import { times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const BEHIND_MS = 120_000;

class LateClock extends SystemClock {
  override now(): Date {
    return new Date(Date.now() - BEHIND_MS);
  }
}

/** Ids begin with the second in which they were made, by the clock of who makes them. */
class LateKeys extends ApiKeysRepository {
  override nextId(): string {
    return Math.floor((Date.now() - BEHIND_MS) / 1_000).toString(16) + super.nextId().slice(8);
  }
}

describe('two machines, one of them two minutes behind', () => {
  let running: RunningApp;
  let late: RunningApp;
  let offices: [Api, Api];
  beforeAll(async () => {
    running = await startApp();
    late = await startApp({
      uri: running.uri,
      override: (builder) =>
        builder.overrideProvider(Clock).useClass(LateClock).overrideProvider(ApiKeysRepository).useClass(LateKeys),
    });
    const { token } = await running.app.get(ApiKeysService).create('office', ['sell', 'operate']);
    offices = [running.api.withKey(token), late.api.withKey(token)];
  });
  afterAll(async () => {
    await late.close();
    await running.close();
  });

  const makeKey = async ({ app }: RunningApp, name: string) => {
    const { key, token } = await app.get(ApiKeysService).create(name, ['sell']);
    return { key, api: running.api.withKey(token) };
  };

  it('give every page of a list once, while both of them book', async () => {
    const { _id: eventId } = await offices[0].createEvent({ totalTickets: 100 });
    const bookOnBoth = async () => {
      const answers = await Promise.all(times(6, (at) => offices[at % 2]!.book(eventId)));
      return answers.map(({ body }) => body.booking._id as string);
    };
    const before = await bookOnBoth();
    const listed: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await offices[0].get(`/bookings?eventId=${eventId}&limit=2${cursor && `&cursor=${cursor}`}`);
      listed.push(...body.bookings.map(({ _id }: { _id: string }) => _id));
      cursor = listed.length < 30 ? (body.nextCursor as string | null) : null;
      await bookOnBoth();
    }
    expect(listed.filter((id) => before.includes(id)).sort()).toEqual([...before].sort());
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('hand on the bookings of a key to its replacement, and none back', async () => {
    const { _id: eventId } = await offices[0].createEvent({ totalTickets: 100 });
    const old = await makeKey(running, 'shop');
    const next = await makeKey(late, 'shop');
    const last = await makeKey(running, 'shop');
    expect(next.key.createdAt.getTime()).toBeLessThan(old.key.createdAt.getTime());
    expect(next.key.id < old.key.id).toBe(true);

    const keys = [old, next, last];
    const booked: string[] = [];
    for (const { api } of keys) booked.push((await api.book(eventId)).body.booking._id as string);
    const seen = await Promise.all(
      keys.map(async ({ api }) => {
        const answers = await Promise.all(booked.map((id) => api.get(`/bookings/${id}`)));
        return answers.map(({ status }) => status);
      }),
    );
    expect(seen).toEqual([
      [200, 404, 404],
      [200, 200, 404],
      [200, 200, 200],
    ]);
    const listed = (await running.app.get(ApiKeysService).list()).filter(({ name }) => name === 'shop');
    expect(listed.map(({ id }) => id)).toEqual(keys.map(({ key }) => key.id));
  });

  it('leave the keys that were made before in their order, and before all others', async () => {
    const made = [await makeKey(late, 'kiosk'), await makeKey(running, 'kiosk'), await makeKey(late, 'kiosk')];
    const ids = made.map(({ key }) => new mongo.ObjectId(key.id));
    const keys = running.db.collection('apiKeys');
    for (const [at, createdAt] of [new Date(2_000), new Date(1_000)].entries()) {
      await keys.updateOne({ _id: ids[at]! }, { $set: { createdAt }, $unset: { order: '' } });
    }
    const listed = (await running.app.get(ApiKeysService).list()).filter(({ name }) => name === 'kiosk');
    expect(listed.map(({ id }) => id)).toEqual([made[1]!, made[0]!, made[2]!].map(({ key }) => key.id));
  });

  it('say when a key was used and revoked by the clock of the database', async () => {
    const { key } = await makeKey(late, 'turnstile');
    await late.app.get(ApiKeysRepository).recordUse(key.id);
    await late.app.get(ApiKeysService).revoke(key.id);
    const record = (await running.db.collection('apiKeys').findOne({ _id: new mongo.ObjectId(key.id) }))!;
    for (const at of [record['lastUsedAt'], record['revokedAt']] as Date[]) {
      expect(at.getTime()).toBeGreaterThan(key.createdAt.getTime() + BEHIND_MS / 2);
    }
  });

  it('make as many keys at once as they like: no two have the same place', async () => {
    await Promise.all(times(20, (at) => makeKey(at % 2 ? late : running, 'crowd')));
    const orders = (await running.db.collection('apiKeys').find({ name: 'crowd' }).toArray()).map(({ order }) =>
      String(order),
    );
    expect(new Set(orders).size).toBe(20);
    expect(orders).not.toContain('0');
  });
});
