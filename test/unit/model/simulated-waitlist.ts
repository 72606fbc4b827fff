import type { CommandKind } from '../../../src/bookings/decide/command.js';
import type { Lookup } from '../../../src/bookings/decide/lookup.js';
import { type Table, within } from '../../../src/bookings/decide/table.js';
import type { JoinCommand } from '../../../src/waitlist/decide/join.js';
import type { LeaveCommand } from '../../../src/waitlist/decide/leave.js';
import type { QueueQuery } from '../../../src/waitlist/decide/queue.js';
import { ENTRIES, type Entry } from '../../../src/waitlist/entry.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { type Link, POISON, SimulatedDocuments } from './simulated-database.js';
import { entriesIn, type Transaction } from './simulated-store.js';

/** As `EntriesRepository`, on the simulated store: the number of an entry is unique too. */
export class SimulatedEntries extends SimulatedDocuments<Entry> {
  constructor(
    link: Link,
    readonly nextId: () => string,
  ) {
    const namesOf: Table<Entry>['namesOf'] = (entry) => [
      ...ENTRIES.namesOf(entry),
      `${within(entry.eventId, String(entry.number))} by number`,
    ];
    super(link, { ...ENTRIES, namesOf }, (entry, { eventId, by, value }) => {
      if (by === 'id') return entry.id === value;
      if (entry.eventId !== eventId) return false;
      if (by === 'key') return entry.idempotency?.key === value;
      return by === 'user' && entry.userId === value && ['waiting', 'offered'].includes(entry.status);
    });
  }

  override async read(tx: Tx, lookups: readonly Lookup[]): Promise<Entry[]> {
    const named = lookups.filter(({ by }) => by !== 'pool');
    const found = named.length > 0 ? await super.read(tx, named) : [];
    for (const lookup of lookups.filter(({ by }) => by === 'pool')) found.push(...(await this.readPool(tx, lookup)));
    return found;
  }

  findById(_eventId: string, id: string): Promise<Entry | undefined> {
    return Promise.resolve(entriesIn(this.link.store.latest).get(id));
  }

  protected override insertAll(transaction: Transaction, entries: readonly Entry[]): void {
    if (entries.some(({ userId }) => userId === POISON)) {
      this.link.store.abort(transaction);
      throw new Error(POISON);
    }
    super.insertAll(transaction, entries);
  }

  private async readPool(tx: Tx, { eventId, value }: Lookup): Promise<Entry[]> {
    const { sectionId, after, limits } = JSON.parse(value) as QueueQuery;
    const all = await this.link.within(tx, (transaction) => this.link.store.documents(transaction, ENTRIES));
    const queue = [...all.values()]
      .filter((entry) => entry.eventId === eventId && entry.sectionId === sectionId)
      .filter(({ status, number }) => status === 'waiting' && number > after)
      .sort((one, other) => one.number - other.number);
    return limits.flatMap(({ quantity, limit }) =>
      queue.filter((entry) => entry.quantity === quantity).slice(0, limit),
    );
  }
}

/** The kind, which leaves a line that moves no ticket where it changes an entry: it tells its place in the commit. */
export function marked(kind: CommandKind, mark: 'reserved' | 'unreserved'): CommandKind {
  return {
    ...kind,
    decide: (command, draft) => {
      const { eventId, entryId: bookingId } = command as JoinCommand | LeaveCommand;
      const before = draft.find(ENTRIES, bookingId);
      const outcome = kind.decide(command, draft);
      if (draft.find(ENTRIES, bookingId) !== before) {
        draft.move(eventId, [{ kind: mark, sectionId: undefined, bookingId, quantity: 0 }]);
      }
      return outcome;
    },
  };
}
