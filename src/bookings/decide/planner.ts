import { assert } from '../../common/assert.js';
import type { Instant } from '../../common/clock.js';
import type { Event, Movement } from '../../events/index.js';
import { errandExpired } from '../bookings.problems.js';
import type { ClosingRule, Command, CommandKind, Decision, DueRule, FreeingRule, Known } from './command.js';
import type { Lookup } from './lookup.js';
import { Draft, type Reads } from './draft.js';
import type { Change, Table } from './table.js';

/** What the engine knows to do. */
export interface Rules {
  readonly kinds: ReadonlyMap<string, CommandKind>;
  readonly dueRules: readonly DueRule[];
  readonly freeingRules: readonly FreeingRule[];
  readonly closingRules: readonly ClosingRule[];
  /** How much of what is due one transaction may settle. */
  readonly dueMax: number;
}

/** All that has to be written for the outcomes to be true. */
export interface Plan {
  /** One for each command, in their order. */
  readonly outcomes: readonly Decision[];
  /** One for each event that is written. */
  readonly movements: readonly Movement[];
  /** The events of the movements as they are then. */
  readonly eventsAfter: readonly Event[];
  /** The changes of documents, by the name of their table: one for each document. */
  readonly changes: ReadonlyMap<string, readonly Change[]>;
  /** The events of the commands that are refused, by id. */
  readonly refusing: readonly string[];
  /** The events of which an outcome says how they are, and writes nothing, by id. */
  readonly reliedOn: readonly string[];
  /** What has to be read for a better plan. */
  readonly asks: readonly Lookup[];
}

/** Learns what a transaction has done, once that is committed: for metrics. It must not throw. */
export interface PlanListener {
  whenCommitted(plan: Plan): void;
}

const EXPIRED: Decision = { kind: 'refused', problem: errandExpired().options };

/** What has to be read first of all: what is due by `now` at the commands' events. */
export function dueLookupsOf(events: Reads['events'], now: Instant, { dueRules, dueMax }: Rules): Lookup[] {
  return dueRules.flatMap((rule) => {
    const { due, limit } = findDue(rule, events, now, dueMax);
    return due.flatMap((event) => rule.lookups(event, now, limit));
  });
}

/** The events at which the rule finds something due, and how much it may settle at each. */
function findDue(
  rule: DueRule,
  events: Reads['events'],
  now: Instant,
  dueMax: number,
): { due: readonly Event[]; limit: number } {
  const due = [...events.values()].filter((event) => rule.isDue(event, now));
  return { due, limit: Math.max(1, Math.floor(dueMax / Math.max(1, due.length))) };
}

/** What has to be read for the commands, once their events are known, and what is due at them. */
export function lookupsOf(
  commands: readonly Command[],
  known: Known,
  due: Reads['documents'],
  { kinds, dueRules }: Rules,
): Lookup[] {
  const events = [...known.events.values()];
  return [
    ...commands.flatMap((command) => kindOf(command, kinds).lookups(command, known)),
    ...dueRules.flatMap((rule) => {
      const documents = due.get(rule.table);
      return documents ? events.flatMap((event) => rule.follow(event, documents)) : [];
    }),
  ];
}

/** What has to be read last, because of what was read for the commands. */
export function followLookupsOf(
  commands: readonly Command[],
  known: Known,
  documents: Reads['documents'],
  { kinds }: Rules,
): Lookup[] {
  return commands.flatMap((command) => kindOf(command, kinds).follow?.(command, known, documents) ?? []);
}

/**
 * Decides `commands` at `now` on what was read, each by itself, and all of it or nothing. What falls due at an event comes
 * before them, but after what arrived earlier. Then it is first come, first served. Behind a command that closes its event,
 * the others are decided in the next transaction.
 * If an earlier commit is unresolved, it raises the revision of every event: a late commit then conflicts instead of
 * landing after a refusal.
 */
export function planCommands(
  commands: readonly Command[],
  reads: Reads,
  rules: Rules,
  { now, mayHaveCommitted }: { readonly now: Instant; readonly mayHaveCommitted: boolean },
): Plan {
  const draft = new Draft(reads, now);
  const outcomes = new Map<Command, Decision>();
  const decide = (command: Command) => {
    outcomes.set(command, kindOf(command, rules.kinds).decide(command, draft));
    applyFreeingRules(rules.freeingRules, draft);
  };
  for (const command of commands) {
    if (now >= (command.decideBefore ?? Infinity)) outcomes.set(command, EXPIRED);
    else if (kindOf(command, rules.kinds).isInTime?.(command, draft)) decide(command);
  }
  settleDue(reads.events, rules, draft);
  // While more is due than was read, a refusal may be untrue. The first refused command waits, and all later ones with it.
  const stopped = new Set<string>();
  for (const command of commands) {
    if (outcomes.has(command) || stopped.has(command.eventId) || draft.isClosed(command.eventId)) continue;
    decide(command);
    if (draft.isBehind(command.eventId) && outcomes.get(command)?.kind !== 'done') {
      outcomes.delete(command);
      if (!kindOf(command, rules.kinds).mayBeOvertaken) stopped.add(command.eventId);
    }
  }
  for (const rule of rules.closingRules) rule.close(draft);
  if (mayHaveCommitted) for (const { eventId } of commands) draft.touch(eventId);
  const movements = draft.toMovements();
  return {
    outcomes: commands.map((command) => conclude(kindOf(command, rules.kinds), outcomes.get(command), draft)),
    movements,
    eventsAfter: draft.toEvents(movements),
    changes: draft.toChanges(),
    refusing: findRefusing(outcomes),
    reliedOn: [...draft.reliedOn],
    asks: draft.asks,
  };
}

/** The new documents of a table, and the changed ones. */
export function changesOf<Doc>({ changes }: Pick<Plan, 'changes'>, { name }: Table<Doc>) {
  const all = (changes.get(name) ?? []) as readonly Change<Doc>[];
  return {
    inserted: all.filter(({ before }) => before === undefined).map(({ after }) => after),
    updated: all.flatMap(({ before, after }) => (before === undefined ? [] : [{ before, after }])),
  };
}

function conclude(kind: CommandKind, outcome: Decision, draft: Draft): Decision {
  if (!kind.conclude || outcome?.kind !== 'done') return outcome;
  return { ...outcome, result: kind.conclude(outcome.result, draft) };
}

/** The registered kind of the command. */
export function kindOf(command: Command, kinds: Rules['kinds']): CommandKind {
  const kind = kinds.get(command.kind);
  assert(kind, `a kind of command called ${command.kind} is registered`);
  return kind;
}

function settleDue(events: Reads['events'], { dueRules, freeingRules, dueMax }: Rules, draft: Draft): void {
  for (const rule of dueRules) {
    const { due, limit } = findDue(rule, events, draft.now, dueMax);
    for (const event of due) {
      rule.settle(event, draft, limit);
      applyFreeingRules(freeingRules, draft);
    }
  }
}

function applyFreeingRules(rules: readonly FreeingRule[], draft: Draft): void {
  for (const { event, sectionIds } of draft.takeFreed()) {
    for (const rule of rules) rule.whenFreed(event, sectionIds, draft);
  }
}

function findRefusing(outcomes: ReadonlyMap<Command, Decision>): string[] {
  const refusing = [...outcomes].filter(([, outcome]) => outcome?.kind === 'refused');
  return [...new Set(refusing.map(([{ eventId }]) => eventId))];
}
