import { describe } from '@jest/globals';
import { getModelToken } from '@nestjs/mongoose';
import type { TestingModuleBuilder } from '@nestjs/testing';
import type { Model } from 'mongoose';
import { Clock } from '../../src/common/clock.js';
import type { Event } from '../../src/events/event.js';
import { EventsService } from '../../src/events/events.service.js';
import { EventRecord } from '../../src/events/schemas/event.schema.js';
import { MovementRecord } from '../../src/events/inventory/movement.schema.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import { countSold } from '../support/check-books.js';
import { HeldLaneFactory, withHeldLanes, withoutBatches } from '../support/lanes.js';
import { bookedOf, checkAnswers, claim, compare, type Control, itHolds, times } from '../support/race.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { unmeasuredEvents } from '../support/unmeasured.js';
import { countCommands, watchCommands, watchedUri } from '../support/watch-commands.js';

type Inventory = ConstructorParameters<typeof TicketInventoryRepository>;

/** The product that remembers what it has once read. */
class RememberingInventory extends TicketInventoryRepository {
  private readonly reads = new Map<string, Promise<ReadonlyMap<string, Event>>>();

  override readCommitted(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    const ids = eventIds.join();
    const read = this.reads.get(ids) ?? super.readCommitted(eventIds);
    this.reads.set(ids, read);
    return read;
  }
}

/** The product that reads for every caller by itself. */
class SelfishInventory extends TicketInventoryRepository {
  constructor(private readonly parts: Inventory) {
    super(...parts);
  }

  override readCommitted(eventIds: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    return new TicketInventoryRepository(...this.parts).readCommitted(eventIds);
  }
}

const inventory = (make: (parts: Inventory) => TicketInventoryRepository) => (builder: TestingModuleBuilder) =>
  builder.overrideProvider(TicketInventoryRepository).useFactory({
    inject: [getModelToken(EventRecord.name), getModelToken(MovementRecord.name), Clock],
    factory: (events: Model<EventRecord>, movements: Model<MovementRecord>, clock: Clock) =>
      make([events, movements, clock, unmeasuredEvents]),
  });
const BATCHES: Control = { without: 'batches', override: withoutBatches };
const FRESH: Control = { without: 'fresh reads', override: inventory((parts) => new RememberingInventory(...parts)) };
const SHARED: Control = { without: 'shared reads', override: inventory((parts) => new SelfishInventory(parts)) };

const watched = () => ({ uri: watchedUri() });

describe('500 requests for an event that is sold out', () => {
  itHolds(
    'write nothing, share the read they rest on, and are all refused',
    async (running) => {
      const { api } = running;
      const event = await api.createEvent({ totalTickets: 1 });
      await api.book(event._id);
      const sent = watchCommands(running);

      const lanes = HeldLaneFactory.of(running);
      lanes.hold();
      const storm = times(500, (caller) => api.book(event._id, { userId: `user${caller}` }));
      await lanes.untilArrived(500);
      lanes.release();
      const answers = await Promise.all(storm);

      const codes = new Set(answers.map(({ status, body }) => `${status} ${body.code}`));
      return [
        ...claim(`all are refused as sold out: ${[...codes]}`, [...codes].join() === '409 sold_out'),
        ...compare('commands other than reads', 0, sent.length - countCommands(sent, 'find')),
        ...compare('reads: one of the first caller, one of those who came meanwhile', 2, sent.length),
      ];
    },
    [BATCHES],
    () => ({ ...watched(), override: withHeldLanes() }),
  );
});

describe('a ticket that one instance takes back', () => {
  itHolds(
    'is sold to the next caller of the other one, which has just said that there is none',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 1 });
        const faults: string[] = [];
        let booked = await running.api.book(event._id);
        for (let turn = 0; turn < 20; turn++) {
          const [canceller, seller] = turn % 2 === 0 ? [running, other] : [other, running];
          const storm = times(5, () => seller.api.book(event._id));
          faults.push(...(await checkAnswers(running, await Promise.all(storm))));
          await canceller.api.post(`/bookings/${booked.body.booking._id}/cancel`);
          booked = await seller.api.book(event._id);
          faults.push(...compare(`answer of turn ${turn}`, 201, booked.status));
          if (booked.status !== 201) break;
        }
        return [...faults, ...compare('tickets sold', 1, await countSold(running.db, event._id))];
      }),
    [FRESH],
  );
});

describe('GET /events/:id', () => {
  itHolds(
    'of callers who ask while one is answered is one more read for all of them',
    async (running) => {
      const event = await running.api.createEvent({ totalTickets: 10 });
      await running.api.book(event._id);
      const sent = watchCommands(running);

      // Not by HTTP, which would decide who comes when.
      const events = running.app.get(EventsService);
      const seen = await Promise.all(times(100, () => events.get(event._id)));
      const exact = sent.length;
      const answers = await Promise.all(times(100, () => running.api.get(`/events/${event._id}`)));

      const all = [...seen, ...answers.map(({ body }) => body.event)];
      return [
        ...compare('who see what is left', 200, all.filter(({ availableTickets }) => availableTickets === 9).length),
        ...compare('reads', 2, exact),
        ...claim(`fewer reads than callers by HTTP: ${sent.length - exact}`, sent.length - exact < 100),
      ];
    },
    [SHARED],
    watched,
  );

  itHolds(
    'shows what was acknowledged before it was sent, on either instance, and never fewer than before',
    (running) =>
      withAnother(running, async (other) => {
        const event = await running.api.createEvent({ totalTickets: 25 });
        let acknowledged = 0;
        let isSelling = true;
        const sell = async () => {
          while (acknowledged < 25) acknowledged += bookedOf([await running.api.bookUntilAnswered(event._id)]).length;
          isSelling = false;
        };
        const look = async ({ api }: RunningApp) => {
          const faults: string[] = [];
          for (let shown = 0; isSelling;) {
            const least = Math.max(shown, acknowledged);
            shown = (await api.get(`/events/${event._id}`)).body.event.soldTickets;
            faults.push(...claim(`${shown} are shown as sold when ${least} were`, shown >= least));
          }
          return faults;
        };

        const [, ...faults] = await Promise.all([
          sell(),
          ...times(10, (viewer) => look(viewer % 2 === 0 ? running : other)),
        ]);

        return faults.flat();
      }),
    [FRESH],
  );
});

async function withAnother(running: RunningApp, race: (other: RunningApp) => Promise<string[]>): Promise<string[]> {
  const other = await startApp({ uri: running.uri, override: running.override });
  try {
    return await race(other);
  } finally {
    await other.close();
  }
}
