import type { mongo } from 'mongoose';
import type { IndexSpec } from './collection-spec.js';

const LISTED_MAX = 20;
const IDS_MAX = 5;

interface Group {
  readonly ids: readonly unknown[];
  readonly count: number;
}

/** Lists the documents that keep a unique index from being made, the first 20 groups of them, by their ids. */
export async function describeDuplicates(db: mongo.Db, collection: string, index: IndexSpec): Promise<string> {
  const fields = Object.keys(index.keys);
  const groups = await db
    .collection(collection)
    .aggregate<Group>(
      [
        { $match: index.partialFilterExpression ?? {} },
        {
          $group: {
            // By position: a path is no name of a field.
            _id: fields.map((field) => `$${field}`),
            ids: { $firstN: { input: '$_id', n: IDS_MAX } },
            count: { $sum: 1 },
          },
        },
        { $match: { count: { $gt: 1 } } },
        { $limit: LISTED_MAX },
      ],
      { allowDiskUse: true },
    )
    .toArray();
  return [
    `The unique index "${index.name}" of ${collection} can not be made, since documents have the same ` +
      `${fields.join(' and ')}: keep one of each group (the first ${LISTED_MAX} groups, by _id, follow) and start again.`,
    ...groups.map(({ ids, count }) => `  ${ids.map(String).join(', ')}${count > ids.length ? `, … (${count})` : ''}`),
  ].join('\n');
}
