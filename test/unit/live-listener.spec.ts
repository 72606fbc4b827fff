import { describe, expect, it } from '@jest/globals';
import { Listener, PACE_MS, type Sink } from '../../src/live/listener.js';
import type { Message } from '../../src/live/message.js';
import { FakeClock } from '../support/fake-clock.js';

const message = (eventId: string, revision: number, length = 0): Message => {
  return { eventId, revision, text: `${eventId}${revision} `.padEnd(length, '.') };
};

/** A client that takes each write only when the test says so. */
class SlowClient implements Sink {
  readonly writes: string[] = [];
  hasEnded = false;
  private then: (() => void) | undefined;

  write(text: string, then: () => void): void {
    this.writes.push(text);
    this.then = then;
  }

  take(): void {
    const { then } = this;
    this.then = undefined;
    then?.();
  }

  end(): void {
    this.hasEnded = true;
  }
}

function setUp(eventIds: readonly string[] = ['a', 'b'], seen?: number) {
  const clock = new FakeClock();
  const late: string[] = [];
  const counted: number[] = [];
  const hooks = { late: (eventId: string) => late.push(eventId), sent: (messages: number) => counted.push(messages) };
  const listener = new Listener(eventIds, clock, hooks, seen);
  const client = new SlowClient();
  return { clock, listener, client, late, counted };
}

describe('a listener', () => {
  it('writes what it knew before it was connected, in one write', () => {
    const { listener, client, counted } = setUp();
    listener.offer(message('a', 1));
    listener.offer(message('b', 7));
    expect(client.writes).toEqual([]);
    listener.connect(client);
    expect(client.writes).toEqual(['a1 b7 ']);
    expect(counted).toEqual([2]);
  });

  it('keeps only the newest state of each event while the client takes nothing', async () => {
    const { clock, listener, client, counted } = setUp();
    listener.connect(client);
    listener.offer(message('a', 1));
    for (let revision = 2; revision <= 1_000; revision++) {
      await clock.advance(PACE_MS);
      listener.offer(message('a', revision));
      listener.offer(message('b', revision));
    }
    expect(client.writes).toEqual(['a1 ']);
    client.take();
    expect(client.writes).toEqual(['a1 ', 'a1000 b1000 ']);
    client.take();
    expect(client.writes).toHaveLength(2);
    expect(counted).toEqual([1, 2]);
  });

  it('sends no revision twice, and none that is older than one that it has sent or will send', async () => {
    const { clock, listener, client } = setUp();
    listener.connect(client);
    for (const revision of [5, 5, 4]) listener.offer(message('a', revision));
    await clock.advance(PACE_MS);
    for (const revision of [7, 6, 5]) listener.offer(message('a', revision));
    client.take();
    client.take();
    expect(client.writes).toEqual(['a5 ', 'a7 ']);
  });

  it('takes a first read for older than a change that has come meanwhile', () => {
    const { listener, client } = setUp();
    listener.offer(message('a', 3));
    listener.offer(message('a', 2));
    listener.connect(client);
    expect(client.writes).toEqual(['a3 ']);
  });

  it('sends an event at most every 250 ms, and asks for the newest state of what it keeps back', async () => {
    const { clock, listener, client, late } = setUp();
    listener.connect(client);
    listener.offer(message('a', 1));
    client.take();
    await clock.advance(PACE_MS - 1);
    listener.offer(message('a', 2));
    listener.offer(message('b', 1));
    client.take();
    expect(client.writes).toEqual(['a1 ', 'b1 ']);
    expect(new Set(late)).toEqual(new Set(['a']));
    await clock.advance(1);
    listener.offer(message('a', 3));
    expect(client.writes).toEqual(['a1 ', 'b1 ', 'a3 ']);
  });

  it.each([
    [5, []],
    [4, ['a5 ']],
    // The client may be wrong, or the database may have been restored.
    [6, ['a5 ']],
    [undefined, ['a5 ']],
  ])('that has seen revision %s of 5 gets %j first', (seen, writes) => {
    const { listener, client } = setUp(['a'], seen);
    listener.connect(client);
    // A change of before is told meanwhile, or the first read comes first.
    for (let count = 0; count < 2; count++) listener.offer(message('a', 5));
    expect(client.writes).toEqual(writes);
    if (writes.length === 0) listener.offer(message('a', 6));
    else client.take();
    expect(client.writes.at(-1)).toBe(writes.length === 0 ? 'a6 ' : 'a5 ');
  });

  it('writes very many states in parts, so that a slow client still gets the newest of the rest', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `event${index} `);
    const { listener, client } = setUp(ids);
    for (const id of ids) listener.offer(message(id, 1, 30_000));
    listener.connect(client);
    expect(client.writes[0]).toHaveLength(90_000);
    for (const id of ids.slice(3)) listener.offer(message(id, 2));
    client.take();
    expect(client.writes[1]).toBe(
      ids
        .slice(3)
        .map((id) => `${id}2 `)
        .join(''),
    );
  });

  it('ends its stream, also before it is connected, and sends nothing more', () => {
    for (const isEarly of [true, false]) {
      const { listener, client } = setUp();
      if (isEarly) listener.end();
      listener.connect(client);
      if (!isEarly) listener.end();
      listener.offer(message('a', 1));
      expect([client.hasEnded, client.writes]).toEqual([true, []]);
    }
  });
});
