import type { mongo } from 'mongoose';

/** One command as the server ran it. */
export interface ProfiledCommand {
  readonly op: string;
  readonly ns: string;
  readonly command: mongo.Document;
  /** The indexes that were used: `IXSCAN { … }`, `IDHACK`, or `COLLSCAN` where there was none. */
  readonly planSummary?: string;
  /** Present where documents were sorted in memory. */
  readonly hasSortStage?: boolean;
  /** How many documents were read to return so many. */
  readonly docsExamined?: number;
  readonly keysExamined?: number;
  readonly nreturned?: number;
}

/** What the server did in `db` while `work` ran, by its own profiler. */
export async function profile(db: mongo.Db, work: () => Promise<unknown>): Promise<ProfiledCommand[]> {
  const profiled = db.collection<ProfiledCommand>('system.profile');
  await db.command({ profile: 0 });
  await profiled.drop();
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  const commands = await profiled.find().sort({ ts: 1 }).toArray();
  return commands.filter(({ ns, command }) => !ns.endsWith('.system.profile') && command['profile'] === undefined);
}
