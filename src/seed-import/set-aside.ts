import type { Progress } from '../common/progress.js';
import { type Db, StartupError } from '../platform/database/index.js';
import { asideOf, type CollectionName } from './report.js';
import { type Document, survey } from './survey.js';
import { MAJORITY } from './untouched.js';

/**
 * Moves what is neither the Express API's nor this product's into collections of its own, as it is.
 * Throws a StartupError where another document stands there with the same id.
 */
export async function setAside(db: Db, progress: Progress): Promise<void> {
  progress.begin('documents set aside');
  for await (const { collection, judged } of survey(db)) {
    const foreign = judged.filter(({ judgement }) => judgement.kind === 'foreign').map(({ document }) => document);
    if (foreign.length > 0) await moveAside(db, collection, foreign);
    progress.add(foreign.length);
  }
  progress.end();
}

async function moveAside(db: Db, collection: CollectionName, documents: readonly Document[]): Promise<void> {
  const [source, aside] = [db.collection<Document>(collection), db.collection<Document>(asideOf(collection))];
  const these = { $in: documents.map(({ _id }) => _id) };
  const present = await aside.find({ _id: these }, { projection: { _id: 1 } }).toArray();
  const missing = { ...these, $nin: present.map(({ _id }) => _id) };
  // The database copies by itself: a way through JavaScript would change the types of numbers, and any way of $merge but
  // "fail" the order of the fields.
  const merge = { into: aside.collectionName, on: '_id', whenMatched: 'fail', whenNotMatched: 'insert' };
  await source.aggregate([{ $match: { _id: missing } }, { $merge: merge }], MAJORITY).toArray();
  const copied = await source
    .aggregate<Document>([{ $match: { _id: these } }, ...onlyCopied(aside.collectionName)])
    .toArray();
  await source.deleteMany({ _id: { $in: copied.map(({ _id }) => _id) } }, MAJORITY);
  if (copied.length === documents.length) return;
  throw new StartupError(
    `Some documents of ${collection} can not be set aside, since ${aside.collectionName} has others with the same _id: rename that collection first.`,
  );
}

function onlyCopied(aside: string): object[] {
  const same = [{ $match: { $expr: { $eq: ['$$ROOT', '$$original'] } } }, { $project: { _id: 1 } }];
  return [
    {
      $lookup: {
        from: aside,
        localField: '_id',
        foreignField: '_id',
        let: { original: '$$ROOT' },
        pipeline: same,
        as: 'copies',
      },
    },
    { $match: { copies: { $ne: [] } } },
    { $project: { _id: 1 } },
  ];
}
