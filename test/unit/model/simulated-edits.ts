import { BOOKINGS } from '../../../src/bookings/booking.js';
import type { Lookup } from '../../../src/bookings/decide/lookup.js';
import { type Table, within } from '../../../src/bookings/decide/table.js';
import type { DocumentStore } from '../../../src/bookings/store/document-store.js';
import { assert } from '../../../src/common/assert.js';
import { EVENT_EDITS, EVENT_USES, type EventUse } from '../../../src/event-edits/decide/tables.js';
import type { EventEdit } from '../../../src/events/index.js';
import { HOLDS } from '../../../src/holds/hold.js';
import { ENTRIES } from '../../../src/waitlist/entry.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { type Link, SimulatedDocuments } from './simulated-database.js';
import type { Transaction } from './simulated-store.js';

/** What happens to a section of which nobody has ever had a ticket. */
const UNUSED = ['opened', 'added', 'removed'];

/** As `EventEditsRepository`, on the simulated store: the version that an edit makes is unique too. */
export class SimulatedEventEdits extends SimulatedDocuments<EventEdit> {
  constructor(
    link: Link,
    readonly nextId: () => string,
  ) {
    const namesOf: Table<EventEdit>['namesOf'] = (edit) => [
      ...EVENT_EDITS.namesOf(edit),
      `${within(edit.eventId, String(edit.version))} by version`,
    ];
    super(link, { ...EVENT_EDITS, namesOf }, ({ id }, { value }) => id === value);
  }

  override update(_tx: Tx, changes: readonly unknown[]): Promise<void> {
    assert(changes.length === 0, 'an edit is written once');
    return Promise.resolve();
  }
}

/** As `EventUses`, on the simulated store. */
export class SimulatedEventUses implements DocumentStore<EventUse> {
  readonly table = EVENT_USES;

  constructor(private readonly link: Link) {}

  async read(tx: Tx, lookups: readonly Lookup[]): Promise<EventUse[]> {
    const uses: EventUse[] = [];
    for (const { eventId, by, value } of lookups) {
      const isUsed = await this.link.within(tx, (transaction) => {
        return by === 'event'
          ? this.isEventUsed(transaction, eventId)
          : this.isSectionUsed(transaction, eventId, value);
      });
      if (isUsed) uses.push({ eventId, sectionId: by === 'event' ? undefined : value });
    }
    return uses;
  }

  insert(_tx: Tx, uses: readonly EventUse[]): Promise<void> {
    assert(uses.length === 0, 'uses are only read');
    return Promise.resolve();
  }

  update(tx: Tx, changes: readonly unknown[]): Promise<void> {
    return this.insert(tx, changes as []);
  }

  private isEventUsed(transaction: Transaction, eventId: string): boolean {
    return [BOOKINGS, HOLDS, ENTRIES].some((table: Table<never>) => {
      const documents = this.link.store.documents<{ readonly eventId: string }>(transaction, table);
      return [...documents.values()].some((doc) => doc.eventId === eventId);
    });
  }

  private isSectionUsed(transaction: Transaction, eventId: string, sectionId: string): boolean {
    const entries = [...this.link.store.documents(transaction, ENTRIES).values()];
    if (entries.some((entry) => entry.eventId === eventId && entry.sectionId === sectionId)) return true;
    return this.link.store.movements(transaction).some((movement) => {
      const isUse = (line: (typeof movement.lines)[number]) =>
        line.sectionId === sectionId && !UNUSED.includes(line.kind);
      return movement.eventId === eventId && movement.lines.some(isUse);
    });
  }
}
