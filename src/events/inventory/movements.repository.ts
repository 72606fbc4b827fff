import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, Types } from 'mongoose';
import type { RecordedMovement } from './movement.js';
import { MovementRecord } from './movement.schema.js';

/** Reads what happened to the tickets of an event. It changes nothing. */
@Injectable()
export class MovementsRepository {
  constructor(@InjectModel(MovementRecord.name) private readonly movements: Model<MovementRecord>) {}

  /** At most `limit` movements of the event after this revision, in the order of their revisions, as a majority has them. */
  async *after(eventId: string, revision: number, limit: number): AsyncGenerator<RecordedMovement> {
    const cursor = this.movements.collection
      .find<MovementRecord>({ eventId: new Types.ObjectId(eventId), revision: { $gt: revision } })
      .sort({ revision: 1 })
      .limit(limit)
      .batchSize(limit);
    for await (const record of cursor) yield toMovement(record);
  }

  /** Whether there is, or was, such an event: each opens with a movement, which stays when the event is deleted. */
  async hasAny(eventId: string): Promise<boolean> {
    return (await this.movements.exists({ eventId: new Types.ObjectId(eventId) })) !== null;
  }
}

function toMovement({ eventId, revision, at, lines }: MovementRecord): RecordedMovement {
  return {
    eventId: eventId.toHexString(),
    revision,
    at: at.getTime(),
    lines: lines.map(({ kind, sectionId, bookingId, quantity }) => {
      return { kind, sectionId: sectionId?.toHexString(), bookingId: bookingId?.toHexString(), quantity };
    }),
  };
}
