import { assert } from '../../common/assert.js';
import type { Event, Movement } from '../../events/index.js';
import type { Command, CommandKind, FreeingRule, Known, Lookup, Outcome } from './command.js';
import { Draft, type Reads } from './draft.js';
import type { Change, Table } from './table.js';

/** What the engine knows to do. */
export interface Rules {
  readonly kinds: ReadonlyMap<string, CommandKind>;
  readonly freeingRules: readonly FreeingRule[];
}

/** All that has to be written for the outcomes to be true. */
export interface Plan {
  /** One for each command, in their order. */
  readonly outcomes: readonly Outcome[];
  /** One for each event that is written. */
  readonly movements: readonly Movement[];
  /** The events of the movements as they are then. */
  readonly eventsAfter: readonly Event[];
  /** The changes of documents, by the name of their table: one for each document. */
  readonly changes: ReadonlyMap<string, readonly Change[]>;
  /** The events of the commands that are refused, by id. */
  readonly refusing: readonly string[];
}

/** What has to be read for the commands, once their events are known. */
export function lookupsOf(commands: readonly Command[], known: Known, { kinds, freeingRules }: Rules): Lookup[] {
  const events = [...known.events.values()];
  return [
    ...commands.flatMap((command) => kindOf(command, kinds).lookups(command, known)),
    ...freeingRules.flatMap((rule) => events.flatMap((event) => rule.lookups(event))),
  ];
}

/**
 * Decides `commands` on what was read, first come, first served: each by itself, and all of it or nothing.
 * If an earlier commit is unresolved, it raises the revision of every event: a late commit then conflicts instead of
 * landing after a refusal.
 */
export function planCommands(
  commands: readonly Command[],
  reads: Reads,
  rules: Rules,
  mayHaveCommitted: boolean,
): Plan {
  const draft = new Draft(reads);
  const outcomes = commands.map((command) => {
    const outcome = kindOf(command, rules.kinds).decide(command, draft);
    for (const event of draft.takeFreed()) {
      for (const rule of rules.freeingRules) rule.whenFreed(event, draft);
    }
    return outcome;
  });
  if (mayHaveCommitted) for (const { eventId } of commands) draft.touch(eventId);
  const movements = draft.toMovements();
  return {
    outcomes,
    movements,
    eventsAfter: draft.toEvents(movements),
    changes: draft.toChanges(),
    refusing: findRefusing(commands, outcomes),
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

function kindOf(command: Command, kinds: Rules['kinds']): CommandKind {
  const kind = kinds.get(command.kind);
  assert(kind, `a kind of command called ${command.kind} is registered`);
  return kind;
}

function findRefusing(commands: readonly Command[], outcomes: readonly Outcome[]): string[] {
  const refusing = commands.filter((_command, index) => outcomes[index]?.kind === 'refused');
  return [...new Set(refusing.map((command) => command.eventId))];
}
