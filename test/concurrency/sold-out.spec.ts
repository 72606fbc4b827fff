import { describe } from '@jest/globals';
import { EventsService } from '../../src/events/events.service.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import type { Tx } from '../../src/platform/database/index.js';
import { countSold } from '../support/check-books.js';
import { HeldLaneFactory, withHeldLanes, withoutBatches } from '../support/lanes.js';
import { bookedOf, checkAnswers, claim, compare, type Control, itHolds, times, withAnother } from '../support/race.js';
import type { RunningApp } from '../support/start-app.js';
import { watchCommands, watchedUri } from '../support/watch-commands.js';
import { without } from '../support/without.js';

const BATCHES: Control = { without: 'batches', override: withoutBatches };
const FRESH = without('fresh reads', TicketInventoryRepository, 'readCommitted', (read) => {
  const reads = new Map<string, ReturnType<typeof read>>();
  return (ids) => reads.get(ids.join()) ?? reads.set(ids.join(), read(ids)).get(ids.join())!;
});
const SHARED = without('shared reads', TicketInventoryRepository, 'readCommitted', (_read, inventory) => (ids) => {
  return inventory.read({ session: undefined } as unknown as Tx, ids);
});

/** Without a write in it, it changes nothing. */
const ENDED = 'commitTransaction';

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
        // One of the first caller, one of those who came meanwhile. A transaction that has read what was known for too long ends.
        ...compare('commands', 'find events, find events', sent.filter((name) => name !== ENDED).join(', ')),
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
        const sell = async () => {
          while (acknowledged < 25) acknowledged += bookedOf([await running.api.bookUntilAnswered(event._id)]).length;
        };
        const faults: string[] = [];
        /** The sold tickets that a viewer sees after having seen `shown`. */
        const look = async ({ api }: RunningApp, shown: number): Promise<number> => {
          const least = Math.max(shown, acknowledged);
          const { soldTickets } = (await api.get(`/events/${event._id}`)).body.event;
          faults.push(...claim(`${soldTickets} are shown as sold when ${least} were`, soldTickets >= least));
          return soldTickets;
        };
        // A look before the first sale, and one after the last.
        const watch = async (instance: RunningApp) => {
          for (let shown = 0; acknowledged < 25;) shown = await look(instance, shown);
          await look(instance, 25);
        };
        await Promise.all([look(running, 0), look(other, 0)]);

        await Promise.all([sell(), ...times(10, (viewer) => watch(viewer % 2 === 0 ? running : other))]);

        return faults;
      }),
    [FRESH],
  );
});
