import type { TestingModuleBuilder } from '@nestjs/testing';
import { type CommandFeature, CommandRegistry } from '../../src/bookings/command-registry.js';
import { book } from '../../src/bookings/decide/book.js';
import { cancel } from '../../src/bookings/decide/cancel.js';
import { cancelBookings } from '../../src/bookings/decide/cancel-bookings.js';
import { transfer } from '../../src/bookings/decide/transfer.js';
import type { ClosingRule, CommandKind, DueRule, FreeingRule } from '../../src/bookings/decide/command.js';
import type { Draft } from '../../src/bookings/decide/draft.js';
import type { Table } from '../../src/bookings/decide/table.js';
import { BookingChangesRepository } from '../../src/bookings/store/booking-changes.repository.js';
import { UserTicketsRepository } from '../../src/bookings/store/user-tickets.repository.js';
import type { Control } from './race.js';

type Change = (feature: CommandFeature) => CommandFeature;

class ChangedRegistry extends CommandRegistry {
  constructor(
    private readonly change: Change,
    dueMax?: number,
  ) {
    super(dueMax);
  }

  override register(feature: CommandFeature): this {
    return super.register(this.change(feature));
  }
}

/** The product with what its features register changed, and another limit for what one transaction settles. */
export function withRegistrations(
  change: Change,
  dueMax?: number,
): (builder: TestingModuleBuilder) => TestingModuleBuilder {
  return (builder) =>
    builder.overrideProvider(CommandRegistry).useFactory({
      inject: [UserTicketsRepository, BookingChangesRepository],
      factory: (...stores: [UserTicketsRepository, BookingChangesRepository]) =>
        new ChangedRegistry(change, dueMax).register({ kinds: [book, cancel, cancelBookings, transfer], stores }),
    });
}

/** A negative control: the product with these kinds of commands changed. */
export function withKinds(
  what: string,
  names: readonly string[],
  change: (kind: CommandKind) => Partial<CommandKind>,
  dueMax?: number,
): Control {
  const changed = (kind: CommandKind) => (names.includes(kind.kind) ? { ...kind, ...change(kind) } : kind);
  return {
    without: what,
    override: withRegistrations(({ kinds = [], ...rest }) => ({ ...rest, kinds: kinds.map(changed) }), dueMax),
  };
}

/** A negative control: the product with its due rules changed, or without them. */
export function withDueRules(what: string, change: (rule: DueRule) => DueRule | undefined, dueMax?: number): Control {
  return {
    without: what,
    override: withRegistrations(
      ({ dueRules = [], ...rest }) => ({ ...rest, dueRules: dueRules.flatMap((rule) => change(rule) ?? []) }),
      dueMax,
    ),
  };
}

/** A negative control: the product with its rules for tickets that become free changed, or without them. */
export function withFreeingRules(what: string, change: (rule: FreeingRule) => FreeingRule | undefined): Control {
  return {
    without: what,
    override: withRegistrations(({ freeingRules = [], ...rest }) => {
      return { ...rest, freeingRules: freeingRules.flatMap((rule) => change(rule) ?? []) };
    }),
  };
}

/** A negative control: the product with its rules for the end of a transaction changed, or without them. */
export function withClosingRules(what: string, change: (rule: ClosingRule) => ClosingRule | undefined): Control {
  return {
    without: what,
    override: withRegistrations(({ closingRules = [], ...rest }) => {
      return { ...rest, closingRules: closingRules.flatMap((rule) => change(rule) ?? []) };
    }),
  };
}

/** Decides on a draft with some methods replaced. */
export function decideOn(kind: CommandKind, replace: (draft: Draft) => Partial<Draft>): Pick<CommandKind, 'decide'> {
  return { decide: (command, draft) => kind.decide(command, replaced(draft, replace(draft))) };
}

/** The draft with these methods. What it keeps, it shares with the draft. */
export function replaced(draft: Draft, methods: Partial<Draft>): Draft {
  return Object.assign(Object.create(draft) as Draft, methods);
}

/** A draft's `find` that shows the documents of one table otherwise than they are. */
export function showing<Doc>(draft: Draft, { name }: Table<Doc>, show: (doc: Doc) => Doc): Pick<Draft, 'find'> {
  return {
    find: <Any>(table: Table<Any>, key: string): Any | undefined => {
      const doc = draft.find(table, key);
      return doc !== undefined && table.name === name ? (show(doc as unknown as Doc) as unknown as Any) : doc;
    },
  };
}
