import type { Command, Plan } from '../../../src/bookings/decide/planner.js';
import type { Event } from '../../../src/events/event.js';
import type { Movement } from '../../../src/events/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { Parts } from './simulated-process.js';

export function changePlan(
  service: Parts['service'],
  change: (plan: (commands: readonly Command[]) => Promise<Plan>, commands: readonly Command[]) => Promise<Plan>,
): void {
  type Planned = Promise<{ readonly plan: Plan; readonly read: ReadonlyMap<string, Event> }>;
  const planner = service as unknown as { plan(tx: Tx, commands: readonly Command[], ids: string[]): Planned };
  const plan = planner.plan.bind(planner);
  planner.plan = async (tx, commands) => {
    const read = new Map<string, Event>();
    const planOf = async (some: readonly Command[]) => {
      const planned = await plan(tx, some, [...new Set(some.map((command) => command.eventId))]);
      for (const [id, event] of planned.read) read.set(id, event);
      return planned.plan;
    };
    return { plan: await change(planOf, commands), read };
  };
}

export function forgetDoubts({ service }: Parts): void {
  (service as unknown as { unresolvedCommits: { add(): void } }).unresolvedCommits.add = () => undefined;
}

export function changeCommit(parts: Parts, change: (commit: () => Promise<void>) => Promise<void>): void {
  const { openSession } = parts;
  parts.openSession = () => {
    const session = openSession();
    const commit = session.commitTransaction.bind(session);
    session.commitTransaction = () => change(commit);
    return session;
  };
}

export function findNoKeys(bookings: Parts['bookings']): void {
  const read = bookings.read.bind(bookings);
  bookings.read = (tx, ids) => read(tx, ids, []);
}

export function pooled(event: Event): Event {
  const { availableTickets } = event;
  return { ...event, sections: event.sections.map((section) => ({ ...section, availableTickets })) };
}

export function merged(plans: readonly Plan[]): Plan {
  const movements = new Map<string, Movement>();
  for (const movement of plans.flatMap((plan) => plan.movements)) {
    const lines = movements.get(movement.eventId)?.lines ?? [];
    movements.set(movement.eventId, { ...movement, lines: [...lines, ...movement.lines] });
  }
  return {
    outcomes: plans.flatMap(({ outcomes }) => outcomes),
    newBookings: plans.flatMap(({ newBookings }) => newBookings),
    cancelledBookings: plans.flatMap(({ cancelledBookings }) => cancelledBookings),
    movements: [...movements.values()],
    eventsAfter: [],
    refusing: [],
  };
}

/** Without the movements that only raise a revision. */
export function onlyMoving(plan: Plan): Plan {
  const movements = plan.movements.filter(({ lines }) => lines.length > 0);
  const written = new Set(movements.map(({ eventId }) => eventId));
  return { ...plan, movements, eventsAfter: plan.eventsAfter.filter(({ id }) => written.has(id)) };
}
