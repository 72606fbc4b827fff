import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import type { Idempotency } from '../../common/idempotency.js';
import type { BookingChange } from '../booking-change.js';
import { itemsRule, positiveInteger } from './booking.schema.js';

export interface LineRecord {
  readonly sectionId?: Types.ObjectId;
  readonly quantity: number;
}

interface AfterRecord {
  readonly userId: string | null;
  readonly lines: LineRecord[];
}

/** What happened to a booking, as it is stored. */
@Schema({ collection: 'bookingChanges', id: false, versionKey: false })
export class BookingChangeRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) bookingId!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ required: true }) number!: number;
  @Prop({ type: String, required: true }) kind!: BookingChange['kind'];
  @Prop({ required: true }) at!: Date;
  @Prop({ type: [MongooseSchema.Types.Mixed], required: true }) lines!: LineRecord[];
  @Prop() reason?: string;
  @Prop() by?: string;
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
  /** Only in a transfer. */
  @Prop({ type: String }) from?: string | null;
  @Prop({ type: MongooseSchema.Types.Mixed, required: true }) after!: AfterRecord;
}

export const CHANGES_OF_BOOKING = { bookingId: 1, number: 1 } as const;
export const CHANGES_FROM_USER = { from: 1, eventId: 1 } as const;

export const BookingChangeSchema = SchemaFactory.createForClass(BookingChangeRecord);
// A second change with the same number has not seen the first.
BookingChangeSchema.index(CHANGES_OF_BOOKING, { unique: true });
// Makes a key take effect once for its booking, whichever server receives it.
BookingChangeSchema.index(
  { bookingId: 1, 'idempotency.key': 1 },
  { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
);
// For recounts.
BookingChangeSchema.index({ eventId: 1 });
// What a user has given away names that user, and so does its booking: an erasure finds both by this. Transfers that do not
// say it are in the index as well, so that they are found and filled in.
BookingChangeSchema.index(CHANGES_FROM_USER, { partialFilterExpression: { kind: 'transferred' } });

// As for items; but nothing may be left.
const { minItems, ...linesRule } = itemsRule;

export const bookingChangeValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['bookingId', 'eventId', 'number', 'kind', 'at', 'lines', 'after'],
    properties: {
      bookingId: { bsonType: 'objectId' },
      eventId: { bsonType: 'objectId' },
      number: positiveInteger,
      kind: { enum: ['cancelled', 'transferred'] },
      at: { bsonType: 'date' },
      lines: { ...linesRule, minItems },
      after: {
        bsonType: 'object',
        required: ['userId', 'lines'],
        properties: { userId: { bsonType: ['string', 'null'] }, lines: linesRule },
      },
    },
  },
};
