import { describe } from '@jest/globals';
import { mongo } from 'mongoose';
import { MovementsRepository } from '../../src/events/inventory/movements.repository.js';
import { EventStates } from '../support/event-states.js';
import { confirm, onTwo, release, skipping, TTL_SECONDS, untilAnswered } from '../support/hold-races.js';
import { type Counts, Mirror, readFeed } from '../support/mirror.js';
import { claim, compare, itHolds, times } from '../support/race.js';
import { SkippingClock } from '../support/skipping-clock.js';
import type { RunningApp } from '../support/start-app.js';
import { without } from '../support/without.js';

type Read = MovementsRepository['after'];

/** Every second movement is seen a moment after those that came later. */
const IN_ORDER = without('movements that are seen in order', MovementsRepository, 'after', (after): Read => {
  return async function* (eventId, revision, limit) {
    const recent = Date.now() - 40;
    for await (const movement of after(eventId, revision, limit)) {
      if (movement.revision % 2 === 1 || movement.at < recent) yield movement;
    }
  };
});
const ONCE = without('an end of what was read', MovementsRepository, 'after', (after): Read => {
  return (eventId, revision, limit) => after(eventId, Math.max(0, revision - 1), limit);
});

/** What a follower had made of the feed when it had read up to a revision. */
interface Seen {
  readonly revision: number;
  readonly counts: Counts;
  readonly sections: readonly (Counts | undefined)[];
}

const PAGES_MAX = 20_000;

/** A shop that follows an event as fast as it can. */
class Follower {
  readonly mirror = new Mirror();
  readonly seen: Seen[] = [];
  private isOver = false;
  private readonly following: Promise<void>;

  constructor(
    private readonly api: RunningApp['api'],
    private readonly event: { readonly _id: string; readonly sections: readonly { readonly _id: string }[] },
  ) {
    this.following = this.follow();
  }

  /** Returns once it has read all that there is. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.following;
  }

  private async follow(): Promise<void> {
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const wasOver = this.isOver;
      const page = await readFeed(this.api, this.event._id, this.mirror.next, 3);
      this.mirror.take(page);
      if (page.movements.length > 0) this.seen.push(this.look());
      if (wasOver && !page.hasMore) return;
    }
    throw new Error(`there is no end after ${PAGES_MAX} pages`);
  }

  private look(): Seen {
    const { next, counts, sections } = this.mirror;
    return { revision: next, counts, sections: this.event.sections.map(({ _id }) => sections.get(_id)) };
  }
}

describe('a follower of an event that is sold, held, cancelled and edited on two instances', () => {
  itHolds(
    'has the counts of the event at every page, and in the end what the books say',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({
          sections: ['Stalls', 'Balcony'].map((name) => ({ name, capacity: 60 })),
        });
        const states = await EventStates.watch(running.db, event._id);
        const sectionOf = (caller: number) => event.sections[caller % 3 === 0 ? 0 : 1]._id;
        const buy = async (caller: number) => {
          const api = apis(caller);
          const wish = { sectionId: sectionOf(caller), quantity: 1 + (caller % 2), userId: `user${caller}` };
          const { status, body } = await api.bookUntilAnswered(event._id, wish);
          if (status === 201 && caller % 3 > 0)
            await untilAnswered(() => api.post(`/bookings/${body.booking._id}/cancel`));
        };
        const hold = async (caller: number) => {
          const wish = { sectionId: sectionOf(caller), ttlSeconds: TTL_SECONDS, userId: `user${caller}` };
          const { status, body } = await untilAnswered(() => apis(caller).hold(event._id, wish));
          if (status !== 201 || caller % 3 === 0) return;
          const end = caller % 3 === 1 ? confirm : release;
          await end(apis(caller + 1), body.hold._id);
        };
        const capacity = (totals: number) =>
          untilAnswered(() =>
            apis(totals).request(
              'PATCH',
              `/events/${event._id}`,
              { sections: [{ _id: event.sections[0]._id, capacity: totals }] },
              { 'if-match': '*' },
            ),
          );

        /** Callers come one after the other, at several tills: each till's are in different transactions. */
        const tills = (first: number, count: number, each: number, ask: (caller: number) => Promise<unknown>) =>
          times(count, async (till) => {
            for (let turn = 0; turn < each; turn++) await ask(first + till + turn * count);
          });

        // What is there already when it begins is more than a page.
        await Promise.all([...tills(0, 2, 5, buy), ...tills(0, 2, 5, hold)]);
        const follower = new Follower(apis(1), event);
        await Promise.all([...tills(10, 10, 10, buy), ...tills(10, 6, 10, hold), capacity(70)]);
        SkippingClock.of(running).skip(TTL_SECONDS);
        await Promise.all([...tills(110, 10, 10, buy), ...tills(70, 3, 10, hold), capacity(65)]);
        await follower.end();

        await states.untilSeen(follower.mirror.next);
        const faults = follower.seen.flatMap((seen) => checkSeen(seen, states));
        await states.close();
        return [
          ...faults.slice(0, 5),
          ...claim(`there were movements: ${follower.mirror.next}`, follower.mirror.next >= 25),
          ...(await checkEnd(running, event._id, follower.mirror)),
        ];
      }),
    [IN_ORDER, ONCE],
    skipping,
  );
});

function checkSeen({ revision, ...seen }: Seen, states: EventStates): string[] {
  const [expected, found] = [states.at(revision), seen].map((state) => JSON.stringify(state));
  return claim(`at revision ${revision} the event has ${expected}, and its follower ${found}`, expected === found);
}

/** What is wrong where the follower does not know who has what. */
async function checkEnd({ db, api }: RunningApp, eventId: string, { counts, tickets }: Mirror): Promise<string[]> {
  const { availableTickets, heldTickets, soldTickets } = (await api.get(`/events/${eventId}`)).body.event;
  const ofEvent = { eventId: new mongo.ObjectId(eventId) };
  const owners = [
    ...(await db
      .collection('bookings')
      .find({ ...ofEvent, status: 'confirmed' })
      .toArray()),
    ...(await db
      .collection('holds')
      .find({ ...ofEvent, status: 'active' })
      .toArray()),
  ];
  return [
    ...claim(
      `the event has ${[availableTickets, heldTickets, soldTickets]}, its follower ${counts}`,
      `${counts}` === `${[availableTickets, heldTickets, soldTickets]}`,
    ),
    ...compare('bookings and holds with tickets', owners.length, tickets.size),
    ...owners.flatMap(({ _id, quantity }) => compare(`tickets of ${_id}`, quantity, tickets.get(String(_id)) ?? 0)),
  ];
}
