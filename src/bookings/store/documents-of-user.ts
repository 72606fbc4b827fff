import { type Model, type mongo, type QueryFilter, Types, type UpdateQuery } from 'mongoose';

/** Documents of an event that name their user, and what else of the user is in them. */
interface DocumentOfUser {
  readonly _id: Types.ObjectId;
  readonly eventId: Types.ObjectId;
  readonly userId: string;
}

/** Finds a user in documents that nothing else depends on, and erases the user there. */
export class DocumentsOfUser<Doc extends DocumentOfUser> {
  /** `index` begins with `userId`; `notes` are the fields that go with the user. */
  constructor(
    private readonly model: Model<Doc>,
    private readonly index: mongo.Document,
    private readonly notes: Readonly<Record<string, 1>>,
  ) {}

  /** As `ErasureSource.findEventIds`. */
  async findEventIds(userId: string, limit: number): Promise<string[]> {
    return (await this.find({ userId }, limit)).map(({ eventId }) => eventId.toHexString());
  }

  /** As `ErasureSource.eraseAt`. */
  async eraseAt(eventIds: readonly string[], userId: string, pseudonym: string, limit: number): Promise<number> {
    const own = await this.find({ userId, eventId: { $in: eventIds.map((id) => new Types.ObjectId(id)) } }, limit);
    const still = { _id: { $in: own.map(({ _id }) => _id) }, userId } as QueryFilter<Doc>;
    const update = { $set: { userId: pseudonym }, $unset: this.notes } as UpdateQuery<Doc>;
    const erased = await this.model.updateMany(still, update);
    return erased.modifiedCount;
  }

  private find(filter: mongo.Document, limit: number): Promise<DocumentOfUser[]> {
    return this.model.find(filter, { eventId: 1 }).hint(this.index).limit(limit).lean<DocumentOfUser[]>();
  }
}
