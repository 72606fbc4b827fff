import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { expectProblem } from '../support/expect-problem.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const ALL = 240;
const EVENT_IDS = [new mongo.ObjectId(), new mongo.ObjectId()];
const STORED = ['active', 'active', 'expired', 'confirmed', 'released'];
const STATUSES = ['active', 'confirmed', 'released', 'expired'];
const HOUR_MS = 3_600_000;

/** Every other active hold is overdue, and nobody has ended it. Every third was made in the same moment as the one before. */
function makeHolds(now: number) {
  return Array.from({ length: ALL }, (_, index) => {
    const status = STORED[index % STORED.length]!;
    const hasTime = index % STORED.length === 0;
    return {
      _id: new mongo.ObjectId(),
      eventId: EVENT_IDS[index % 2]!,
      userId: `user${index % 3}`,
      items: [{ quantity: 1 }],
      quantity: 1,
      status,
      createdAt: new Date(now - HOUR_MS + (index - (index % 3 === 2 ? 1 : 0)) * 1_000),
      ttlSeconds: 600,
      expiresAt: new Date(now + (hasTime ? HOUR_MS : -HOUR_MS / 2)),
      ...(index % 7 === 0 && {
        settlements: [{ by: '', reference: `pay-${index}`, outcome: 'refund_due', at: new Date(now) }],
        isRefundDue: true,
      }),
    };
  });
}

interface Shown {
  readonly _id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly status: string;
  readonly settlement?: string;
}

describe('GET /holds', () => {
  let running: RunningApp;
  let all: Shown[];
  const holds = makeHolds(Date.now());
  beforeAll(async () => {
    running = await startApp();
    await running.db.collection('holds').insertMany(holds);
    all = await listAll('');
  });
  afterAll(() => running.close());

  const listAll = async (query: string) => {
    const found: Shown[] = [];
    for (let next: string | null | undefined = `?limit=7&${query}`; next;) {
      const { status, headers, body } = await running.api.get(`/holds${next}`);
      expect(status).toBe(200);
      found.push(...body.holds);
      next = /^<\/holds(\?[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    }
    return found;
  };
  const ids = (some: readonly Shown[]) => some.map(({ _id }) => _id);

  it('lists all of them, newest first', () => {
    expect(ids(all)).toEqual(holds.map(({ _id }) => _id.toHexString()).toReversed());
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(STATUSES));
  });

  const eventId = EVENT_IDS[0]!.toHexString();
  const kinds: [string, (hold: Shown) => boolean][] = [
    ['', () => true],
    ...STATUSES.map((status): [string, (hold: Shown) => boolean] => [
      `status=${status}`,
      (hold) => hold.status === status,
    ]),
    ['settlement=refund_due', (hold) => hold.settlement === 'refund_due'],
  ];
  const owners: [string, (hold: Shown) => boolean][] = [
    ['', () => true],
    [`eventId=${eventId}`, (hold) => hold.eventId === eventId],
    ['userId=user1', (hold) => hold.userId === 'user1'],
    [`userId=user1&eventId=${eventId}`, (hold) => hold.userId === 'user1' && hold.eventId === eventId],
  ];
  const combinations = kinds.flatMap(([kind, isKind]) =>
    owners.map(([owner, isOwner]): [string, (hold: Shown) => boolean] => [
      [kind, owner].filter((part) => part !== '').join('&'),
      (hold) => isKind(hold) && isOwner(hold),
    ]),
  );

  it.each(combinations)('has, page by page, what is shown so: %s', async (query, matches) => {
    const expected = all.filter(matches);
    expect(expected.length).toBeGreaterThan(0);
    const listed = await listAll(query);
    expect(ids(listed)).toEqual(ids(expected));
    expect(listed.map(({ status }) => status)).toEqual(expected.map(({ status }) => status));
  });

  it('takes a cursor only in the list that gave it', async () => {
    const lists = ['', 'status=active', 'status=expired', 'settlement=refund_due', `eventId=${eventId}&status=active`];
    for (const list of lists) {
      const { nextCursor } = (await running.api.get(`/holds?limit=1&${list}`)).body;
      for (const other of lists) {
        const answer = await running.api.get(`/holds?limit=1&${other}&cursor=${nextCursor}`);
        if (other === list) expect(answer.status).toBe(200);
        else expectProblem(answer, 400, 'validation_failed');
      }
    }
  });

  it.each([
    'status=active&settlement=refund_due',
    `eventId=${eventId}&status=expired&settlement=refund_due`,
    'status=open',
    'status=',
    'status=active&status=expired',
    'settlement=booked',
    'reference=cart-1',
  ])('refuses %s', async (query) => {
    expectProblem(await running.api.get(`/holds?${query}`), 400, 'validation_failed');
  });
});
