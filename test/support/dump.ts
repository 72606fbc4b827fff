import type { mongo } from 'mongoose';

/** Everything that is stored, to be compared with everything that was; but for the servers' heartbeats. */
export async function dump(db: mongo.Db): Promise<Record<string, mongo.Document[]>> {
  const collections = (await db.collections()).filter(({ collectionName }) => collectionName !== 'servers');
  const documents = await Promise.all(collections.map((one) => one.find().sort({ _id: 1 }).toArray()));
  return Object.fromEntries(collections.map((one, index) => [one.collectionName, documents[index]!]));
}
