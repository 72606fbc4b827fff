import type { Command, CommandKind, DueRule } from '../../../src/bookings/decide/command.js';
import type { Plan } from '../../../src/bookings/decide/planner.js';
import type { Change } from '../../../src/bookings/decide/table.js';
import type { Event } from '../../../src/events/event.js';
import type { Movement } from '../../../src/events/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { Parts } from './simulated-process.js';

export function changePlan(
  service: Parts['service'],
  change: (plan: (commands: readonly Command[]) => Promise<Plan>, commands: readonly Command[]) => Promise<Plan>,
): void {
  const planner = service as unknown as { plan(tx: Tx, commands: readonly Command[], events: unknown): Promise<Plan> };
  const plan = planner.plan.bind(planner);
  planner.plan = (tx, commands, events) => change((some) => plan(tx, some, events), commands);
}

export function forgetDoubts({ memory }: Parts): void {
  (memory.unresolvedCommits as unknown as { add(): void }).add = () => undefined;
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
  bookings.read = (tx, lookups) =>
    read(
      tx,
      lookups.filter(({ by }) => by === 'id'),
    );
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
  const changes = new Map<string, readonly Change[]>();
  for (const [name, own] of plans.flatMap((plan) => [...plan.changes])) {
    changes.set(name, [...(changes.get(name) ?? []), ...own]);
  }
  return {
    outcomes: plans.flatMap(({ outcomes }) => outcomes),
    changes,
    movements: [...movements.values()],
    eventsAfter: [],
    refusing: [],
    reliedOn: [],
    asks: [],
  };
}

/** Without the movements that only raise a revision. */
export function onlyMoving(plan: Plan): Plan {
  const movements = plan.movements.filter(({ lines }) => lines.length > 0);
  const written = new Set(movements.map(({ eventId }) => eventId));
  return { ...plan, movements, eventsAfter: plan.eventsAfter.filter(({ id }) => written.has(id)) };
}

export function changeDueRule(registry: Parts['registry'], change: (rule: DueRule) => Partial<DueRule>): void {
  const [rule] = registry.dueRules;
  registry.dueRules[0] = { ...rule!, ...change(rule!) };
}

export function changeKind(
  { kinds }: Parts['registry'],
  name: string,
  change: (kind: CommandKind) => Partial<CommandKind>,
): void {
  const kind = kinds.get(name)!;
  kinds.set(name, { ...kind, ...change(kind) });
}
