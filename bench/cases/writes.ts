import type { mongo } from 'mongoose';

interface DocumentMetrics {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/**
 * A function that returns what was written since: entries of the oplog, which every committed write has, and documents
 * by the server's own count, which includes its housekeeping.
 */
export async function writesSince(
  client: mongo.MongoClient,
): Promise<() => Promise<{ writes: number; documents: number }>> {
  const oplog = client.db('local').collection('oplog.rs');
  const [last] = await oplog.find().sort({ $natural: -1 }).limit(1).toArray();
  const before = await documentsWritten(client);
  return async () => {
    const documents = (await documentsWritten(client)) - before;
    // Members tell each other that they live ("n"), and keep their sessions in "config".
    const filter = { ts: { $gt: last?.['ts'] as mongo.Timestamp }, op: { $ne: 'n' }, ns: { $not: /^config\./ } };
    return { writes: await oplog.countDocuments(filter), documents };
  };
}

async function documentsWritten(client: mongo.MongoClient): Promise<number> {
  const status = await client.db('admin').command({ serverStatus: 1 });
  const { document } = status['metrics'] as { document: DocumentMetrics };
  return document.inserted + document.updated + document.deleted;
}
