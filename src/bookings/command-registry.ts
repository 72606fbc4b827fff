import { assert } from '../common/assert.js';
import type { ClosingRule, CommandKind, DueRule, FreeingRule } from './decide/command.js';
import type { ErasureSource } from './decide/erasure-rule.js';
import type { PlanListener, Rules } from './decide/planner.js';
import type { DocumentStore } from './store/document-store.js';

/** What a feature adds to the engine. */
export interface CommandFeature {
  readonly kinds?: readonly CommandKind[];
  readonly dueRules?: readonly DueRule[];
  readonly freeingRules?: readonly FreeingRule[];
  readonly closingRules?: readonly ClosingRule[];
  /** For the documents of its own tables. */
  readonly stores?: readonly DocumentStore<unknown>[];
  readonly listeners?: readonly PlanListener[];
  /** For what it stores of users. */
  readonly erasures?: readonly ErasureSource[];
}

/** Others wait for this transaction: while 10,000 holds end, 500 make their p99 twice as long. */
const DUE_MAX = 100;

/** The kinds of commands that there are, and what goes with them. Every feature registers its own when it starts. */
export class CommandRegistry implements Rules {
  constructor(readonly dueMax = DUE_MAX) {}

  readonly kinds = new Map<string, CommandKind>();
  readonly dueRules: DueRule[] = [];
  readonly freeingRules: FreeingRule[] = [];
  readonly closingRules: ClosingRule[] = [];
  /** For the documents of all tables but the bookings. */
  readonly stores: DocumentStore<unknown>[] = [];
  readonly listeners: PlanListener[] = [];
  readonly erasures: ErasureSource[] = [];

  register(feature: CommandFeature): this {
    const { kinds = [], stores = [], listeners = [], erasures = [] } = feature;
    for (const kind of kinds) {
      assert(!this.kinds.has(kind.kind), `one kind of command is called ${kind.kind}`);
      this.kinds.set(kind.kind, kind);
    }
    for (const store of stores) {
      assert(!this.stores.some(({ table }) => table.name === store.table.name), `${store.table.name} has one store`);
      this.stores.push(store);
    }
    this.dueRules.push(...(feature.dueRules ?? []));
    this.freeingRules.push(...(feature.freeingRules ?? []));
    this.closingRules.push(...(feature.closingRules ?? []));
    this.listeners.push(...listeners);
    this.erasures.push(...erasures);
    return this;
  }
}
