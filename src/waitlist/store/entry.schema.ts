import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import { positiveInteger } from '../../bookings/index.js';
import type { Idempotency } from '../../common/idempotency.js';
import { ENTRY_STATUSES, type EntryStatus } from '../entry-states.js';

/** An entry of a waitlist as it is stored. */
@Schema({ collection: 'waitlistEntries', id: false, versionKey: false })
export class EntryRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ required: true }) userId!: string;
  @Prop({ required: true }) quantity!: number;
  /** Null in an event without sections. */
  @Prop({ type: Types.ObjectId }) sectionId!: Types.ObjectId | null;
  @Prop({ required: true }) number!: number;
  @Prop({ type: String, required: true }) status!: EntryStatus;
  @Prop({ required: true }) joinedAt!: Date;
  @Prop() offeredAt?: Date;
  @Prop() offerExpiresAt?: Date;
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
  @Prop({ type: Types.ObjectId }) soldBy?: Types.ObjectId;
}

export const EntrySchema = SchemaFactory.createForClass(EntryRecord);
// Finds the first who want so many tickets of a pool, and counts those before one of them.
export const QUEUE = { eventId: 1, sectionId: 1, status: 1, quantity: 1, number: 1 } as const;
EntrySchema.index(QUEUE);
// The lists: of all states, their ranges are merged. The last field is a filter: offers that are over are found in the index.
export const ENTRIES_OF_EVENT = { eventId: 1, status: 1, number: 1, offerExpiresAt: 1 } as const;
EntrySchema.index(ENTRIES_OF_EVENT);
export const ENTRIES_OF_USER = { userId: 1, eventId: 1, status: 1, number: 1 } as const;
EntrySchema.index(ENTRIES_OF_USER);
// An event numbers its entries.
EntrySchema.index({ eventId: 1, number: 1 }, { unique: true });
// Makes a key take effect once for its event, whichever server receives it.
EntrySchema.index(
  { eventId: 1, 'idempotency.key': 1 },
  { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
);

export const entryValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'userId', 'quantity', 'sectionId', 'number', 'status', 'joinedAt'],
    properties: {
      eventId: { bsonType: 'objectId' },
      userId: { bsonType: 'string' },
      quantity: positiveInteger,
      sectionId: { bsonType: ['objectId', 'null'] },
      number: positiveInteger,
      status: { enum: ENTRY_STATUSES },
      joinedAt: { bsonType: 'date' },
      offeredAt: { bsonType: 'date' },
      offerExpiresAt: { bsonType: 'date' },
    },
  },
};
