import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';
import { type Moment, nativeDb, toRefusal } from '../platform/database/index.js';
import { eventsCollection } from './events.collections.js';

export interface ChangeListener {
  /** No change after this moment will be missed. */
  opened(since: Moment): void;
  /** A majority has committed a change of the event. The next one is not read before this returns. */
  changed(eventId: string, at: Moment): Promise<void> | void;
}

interface Hello {
  readonly lastWrite: { readonly majorityOpTime: { readonly ts: Moment } };
}

interface Change {
  readonly _id: unknown;
  readonly documentKey?: { readonly _id: mongo.ObjectId };
  readonly clusterTime: Moment;
}

/** Only which event changed: its state is read once for many changes. */
const PIPELINE = [{ $project: { documentKey: 1, clusterTime: 1 } }];

/** Says which events change, whichever server changes them. */
@Injectable()
export class EventChangesRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /**
   * Tells `listener` of every change of an event until `signal` is aborted, and then returns; also if the collection is
   * dropped. The driver resumes after a failover where it can. Throws what the database says where it can't.
   */
  async follow(listener: ChangeListener, signal: AbortSignal): Promise<void> {
    const db = nativeDb(this.connection);
    // Without a start, MongoDB skips what is written and not yet committed: neither the stream nor the next read has it.
    const { lastWrite } = (await db.command({ hello: 1 })) as unknown as Hello;
    const startAtOperationTime = lastWrite.majorityOpTime.ts;
    const stream = db
      .collection(eventsCollection.name)
      .watch<mongo.Document, Change & mongo.ChangeStreamDocument>(PIPELINE, { startAtOperationTime });
    const close = () => void stream.close().catch(() => undefined);
    signal.addEventListener('abort', close);
    // The first answer of the database has a token, even if there is no change in it.
    stream.once('resumeTokenChanged', () => listener.opened(startAtOperationTime));
    try {
      if (signal.aborted) return;
      for await (const { documentKey, clusterTime } of stream) {
        if (documentKey) await listener.changed(documentKey._id.toHexString(), clusterTime);
      }
    } catch (error) {
      if (!signal.aborted) throw toRefusal(error, eventsCollection.name) ?? error;
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }
}
