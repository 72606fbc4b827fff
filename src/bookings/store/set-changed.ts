import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';

/** The update that sets the fields which have changed, and removes those that are gone. */
export function setChanged<Doc extends object>(before: Doc, after: Doc): mongo.Document {
  const isSame = ([name, value]: [string, unknown]) => isDeepStrictEqual(value, before[name as keyof Doc]);
  const changed = Object.entries(after).filter((entry) => !isSame(entry));
  const gone = Object.keys(before).filter((name) => !(name in after));
  return {
    $set: Object.fromEntries(changed),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((name) => [name, 1])) }),
  };
}
