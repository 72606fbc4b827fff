import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Answer, Api } from '../support/api.js';
import { untilAnswered } from '../support/hold-races.js';
import { readFeed } from '../support/mirror.js';
import { times } from '../support/race.js';
import { type ServerProcess, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';
import { until } from '../support/until.js';

const EXAMPLE = resolve('examples/follow.mjs');
const KILLS = 8;

/** The file in which the example keeps its copy. */
interface Kept {
  readonly eventId: string;
  readonly after: number;
  readonly counts: object;
  readonly sections: Record<string, object>;
  readonly tickets: Record<string, Record<string, { readonly held: number; readonly sold: number }>>;
}

describe('the follower in examples/', () => {
  const workplace = new Workplace();
  const followers = new Set<ChildProcess>();
  let file: string;
  afterEach(async () => {
    for (const follower of followers) follower.kill('SIGKILL');
    followers.clear();
    await workplace.clear();
  });

  const startServer = async (environment: Record<string, string>): Promise<ServerProcess> =>
    (await workplace.start(workplace.folder(), environment)).ready();
  const start = (api: Api, eventId: string, program = EXAMPLE): ChildProcess => {
    const child = spawn(process.execPath, [program, api.url, eventId, file], {
      env: { ...process.env, WAIT_MS: '20' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    followers.add(child);
    return child;
  };
  const kill = async (follower: ChildProcess): Promise<void> => {
    const ended = once(follower, 'close');
    follower.kill('SIGKILL');
    await ended;
  };
  const kept = (): Kept | undefined => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Kept;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  const newEvent = async ({ api }: ServerProcess) => {
    file = join(workplace.folder(), 'mirror.json');
    return api.createEvent({ sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 5_000 })) });
  };

  it('has the counts and who has what, however often it is killed while tickets are sold', async () => {
    const server = await startServer({ MONGO_URI: freshDatabaseUri() });
    const event = await newEvent(server);
    const sale = new Sale(server.api, event);

    for (let kills = 0; kills < KILLS; kills++) {
      const before = kept()?.after ?? 0;
      const follower = start(server.api, event._id);
      await until('the follower has gone on', () => (kept()?.after ?? 0) > before);
      await kill(follower);
    }
    await sale.end();
    const last = start(server.api, event._id);
    await untilCaughtUp(server.api, event._id);
    await kill(last);

    expect(kept()).toEqual(await byTheBooks(server.api, event._id));
    expect(kept()!.after).toBeGreaterThan(KILLS);
  });

  it('goes wrong where its position is stored before its copy (negative control)', async () => {
    const server = await startServer({ MONGO_URI: freshDatabaseUri() });
    const event = await newEvent(server);
    await server.api.book(event._id, { sectionId: event.sections[0]._id });
    const hasty = join(workplace.folder(), 'hasty.mjs');
    const text = readFileSync(EXAMPLE, 'utf8');
    const changed = text.replace(
      'take(mirror, page);\n',
      'await save({ ...mirror, after: page.next });\n    await sleep(600_000);\n    take(mirror, page);\n',
    );
    expect(changed).not.toBe(text);
    writeFileSync(hasty, changed);

    const follower = start(server.api, event._id, hasty);
    await until('the position is stored', () => kept() !== undefined);
    await kill(follower);
    const last = start(server.api, event._id);
    await server.api.book(event._id, { sectionId: event.sections[0]._id });
    await untilCaughtUp(server.api, event._id);
    await kill(last);

    expect(kept()).not.toEqual(await byTheBooks(server.api, event._id));
  });

  it('waits for a server that is away, and goes on', async () => {
    const environment: Record<string, string> = { MONGO_URI: freshDatabaseUri() };
    const server = await startServer(environment);
    environment['PORT'] = new URL(server.api.url).port;
    const event = await newEvent(server);
    const follower = start(server.api, event._id);
    await untilCaughtUp(server.api, event._id);

    await server.end();
    const again = await startServer(environment);
    await again.api.book(event._id, { sectionId: event.sections[0]._id, quantity: 2 });
    await untilCaughtUp(again.api, event._id);

    expect(follower.exitCode).toBeNull();
    expect(kept()).toEqual(await byTheBooks(again.api, event._id));
  });

  it('ends with a sentence for an event that never was', async () => {
    const server = await startServer({ MONGO_URI: freshDatabaseUri() });
    file = join(workplace.folder(), 'mirror.json');
    const follower = start(server.api, '0'.repeat(24));
    let printed = '';
    follower.stderr!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(follower, 'close')) as [number];
    expect([code, printed]).toEqual([1, expect.stringContaining('404 event_not_found: Event not found')]);
  });

  async function untilCaughtUp(api: Api, eventId: string): Promise<void> {
    const isAtEnd = async () => (await readFeed(api, eventId, kept()?.after ?? 0)).movements.length === 0;
    await until('the follower has all of the feed', isAtEnd);
  }
});

/** What the follower should have, by the other routes. */
async function byTheBooks(api: Api, eventId: string): Promise<object> {
  const { event } = (await api.get(`/events/${eventId}`)).body;
  const { bookings } = (await api.get(`/bookings?eventId=${eventId}`)).body;
  const tickets: Kept['tickets'] = {};
  const sections: Record<string, { available: number; held: number; sold: number }> = {};
  for (const { _id, availableTickets } of event.sections) {
    sections[_id] = { available: availableTickets, held: 0, sold: 0 };
  }
  const add = (id: string, sectionId: string, held: number, sold: number) => {
    if (held + sold === 0) return;
    (tickets[id] ??= {})[sectionId] = { held, sold };
    sections[sectionId]!.held += held;
    sections[sectionId]!.sold += sold;
  };
  for (const { _id, items } of bookings) {
    for (const { sectionId, quantity, cancelledQuantity = 0 } of items)
      add(_id, sectionId, 0, quantity - cancelledQuantity);
  }
  for (const { _id, items } of await activeHolds(api, eventId)) {
    for (const { sectionId, quantity } of items) add(_id, sectionId, quantity, 0);
  }
  const { availableTickets: available, heldTickets: held, soldTickets: sold } = event;
  return { eventId, after: expect.any(Number), counts: { available, held, sold }, sections, tickets };
}

async function activeHolds(api: Api, eventId: string): Promise<Answer['body'][]> {
  const holds = [];
  for (let cursor = ''; ;) {
    const { body } = await api.get(`/holds?eventId=${eventId}&status=active&limit=100${cursor}`);
    holds.push(...body.holds);
    if (body.nextCursor === null) return holds;
    cursor = `&cursor=${body.nextCursor}`;
  }
}

/** Buyers who book, hold, confirm and give back, until they are told to end. */
class Sale {
  private isOver = false;
  private readonly buyers: Promise<void>[];

  constructor(
    private readonly api: Api,
    private readonly event: { readonly _id: string; readonly sections: readonly { readonly _id: string }[] },
  ) {
    this.buyers = times(4, (buyer) => this.buy(buyer));
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.buyers);
  }

  private async buy(buyer: number): Promise<void> {
    const { api, event } = this;
    for (let turn = 0; !this.isOver; turn++) {
      const sectionId = event.sections[turn % 2]!._id;
      const wish = { sectionId, quantity: 1 + (turn % 3), userId: `user${buyer}-${turn}` };
      if (turn % 2 === 0) {
        const { body } = await untilAnswered(() => api.book(event._id, wish));
        if (turn % 3 === 0) await untilAnswered(() => api.post(`/bookings/${body.booking._id}/cancel`));
      } else {
        const { body } = await untilAnswered(() => api.hold(event._id, wish));
        const end = ['confirm', 'release', undefined][buyer % 3];
        if (end !== undefined) await untilAnswered(() => api.post(`/holds/${body.hold._id}/${end}`));
      }
    }
  }
}
