import { Types } from 'mongoose';
import type { Update } from '../../platform/database/index.js';
import type { StoredChange } from './document-store.js';
import { setChanged } from './set-changed.js';

interface Stated {
  readonly id: string;
  readonly status: string;
}

/**
 * One update for all documents that change in the same way. It matches only those that have the status that was read, and
 * what else `conditionOf` asks of them.
 */
export function toAlikeUpdates<Doc extends Stated>(
  changes: readonly StoredChange<Doc>[],
  toRecord: (doc: Doc) => object,
  conditionOf: (before: readonly Doc[]) => object = () => ({}),
): Update[] {
  const groups = new Map<string, { update: Update['update']; before: Doc[] }>();
  for (const { before, after } of changes) {
    const update = setChanged(toRecord(before), toRecord(after));
    const name = JSON.stringify([before.status, update]);
    const alike = groups.get(name) ?? { update, before: [] };
    alike.before.push(before);
    groups.set(name, alike);
  }
  return [...groups.values()].map(({ update, before }) => ({
    filter: {
      _id: { $in: before.map(({ id }) => new Types.ObjectId(id)) },
      status: before[0]?.status,
      ...conditionOf(before),
    },
    update,
    isMulti: true,
  }));
}
