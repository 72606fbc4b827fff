import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Booking } from '../../../src/bookings/booking.js';
import type { CommandKind } from '../../../src/bookings/decide/command.js';
import type { Event } from '../../../src/events/event.js';
import { Problem } from '../../../src/common/problem.js';
import { type MoveBetweenSections, moveBetweenSections } from '../../support/move-between-sections.js';
import type { Parts } from './simulated-process.js';
import { schedules } from './drawn.js';
import { run } from './schedule.js';
import { bookingsIn, type CommittedState, holdsIn } from './simulated-store.js';
import type { World } from './world.js';

type Kind = CommandKind<MoveBetweenSections, Booking>;

const SEED = 3;

/** What is wrong with a committed state, recounted from its bookings. */
function recount(state: CommittedState, number: number): string[] {
  return [...state.events.values()].flatMap((event) => poolsOf(event).flatMap((pool) => checkPool(event, pool, state)));

  function checkPool({ id }: Event, pool: ReturnType<typeof poolsOf>[number], { tables }: CommittedState): string[] {
    const own = [...bookingsIn({ ...state, tables }).values()].filter(({ eventId }) => eventId === id);
    const holds = [...holdsIn({ ...state, tables }).values()].filter(({ eventId }) => eventId === id);
    const count = (documents: readonly { readonly items: Booking['items'] }[]) =>
      documents
        .flatMap(({ items }) => items)
        .filter(({ sectionId }) => sectionId === pool.sectionId)
        .reduce((sum, { quantity }) => sum + quantity, 0);
    const sold = count(own.filter(({ status }) => status === 'confirmed'));
    const held = count(holds.filter(({ status }) => status === 'active'));
    const kept = state.events.get(id)?.waitlist?.reserved.find(({ sectionId }) => sectionId === pool.sectionId);
    const available = pool.capacity - sold - held - (kept?.quantity ?? 0);
    const isRight = pool.soldTickets === sold && pool.availableTickets === available && available >= 0;
    return isRight ? [] : [`commit ${number}: ${JSON.stringify({ ...pool, sold })}`];
  }
}

function poolsOf(event: Event) {
  const whole = { sectionId: undefined, ...event, capacity: event.totalTickets };
  const pools =
    event.sections.length > 0 ? event.sections.map((section) => ({ ...section, sectionId: section.id })) : [whole];
  return pools.map(({ sectionId, capacity, availableTickets, soldTickets }) => ({
    sectionId,
    capacity,
    availableTickets,
    soldTickets,
  }));
}

/** Registers the kind in every process, and moves what each booking gets, there and back, through the process that made it. */
async function runWith(
  kind: Kind,
  schedule: Parameters<typeof run>[0],
): Promise<{ world: World; faults: string[]; moves: number }> {
  let moves = 0;
  const faults: string[] = [];
  const [one, other] = schedule.events.find(({ sections }) => sections.length > 0)!.sections.map(({ id }) => id);
  const plant = ({ registry, service }: Parts) => {
    registry.register({ kinds: [kind] });
    const book = service.book.bind(service);
    service.book = async (...args) => {
      const done = await book(...args);
      const [item] = done.result.items;
      const to = item?.sectionId === one ? other : one;
      if (item?.sectionId !== undefined) void move(done.result, item.sectionId, to!).catch(note);
      return done;
    };
    const move = async ({ id, eventId }: Booking, from: string, to: string) => {
      const command: MoveBetweenSections = { kind: 'moveBetweenSections', bookingId: id, eventId, from, to };
      const { result } = await service.submit<Booking>(command, () => false);
      moves += 1;
      if (result.items.some(({ sectionId }) => sectionId === from)) faults.push(`${id} was not moved`);
    };
    const note = (error: unknown) => {
      if (!(error instanceof Problem)) faults.push(String(error));
    };
  };
  const world = await run(schedule, plant);
  return {
    world,
    faults: [...faults, ...world.store.history.flatMap(recount), ...world.processes.flatMap((each) => each.faults)],
    moves,
  };
}

describe('a kind of command that a feature registers', () => {
  it('keeps the books at every committed state, whatever is lost, late or said to have failed', async () => {
    let moved = 0;
    const keeps = fc.asyncProperty(schedules, async (schedule) => {
      const { faults, moves } = await runWith(moveBetweenSections, schedule);
      moved += moves;
      expect(faults).toEqual([]);
    });
    await fc.assert(keeps, { numRuns: 200, seed: SEED });
    expect(moved).toBeGreaterThan(0);
  });

  it('is found out if it moves tickets to a section that has none (negative control)', async () => {
    const careless: Kind = {
      ...moveBetweenSections,
      decide: (command, draft) => {
        const available = draft.available.bind(draft);
        draft.available = (event, sectionId) => Math.max(2, available(event, sectionId));
        const outcome = moveBetweenSections.decide(command, draft);
        draft.available = available;
        return outcome;
      },
    };
    const keeps = fc.asyncProperty(
      schedules,
      async (schedule) => (await runWith(careless, schedule)).faults.length === 0,
    );
    expect((await fc.check(keeps, { numRuns: 500, seed: SEED, endOnFailure: true })).failed).toBe(true);
  });
});
