import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import type { Idempotency } from '../../common/idempotency.js';
import type { PairRecord } from '../../common/pairs.js';
import type { Price } from '../../events/index.js';
import type { BookingStatus } from '../booking.js';

@Schema({ _id: false, id: false })
export class BookingItemRecord {
  @Prop({ type: Types.ObjectId }) sectionId?: Types.ObjectId;
  @Prop({ required: true }) quantity!: number;
  @Prop({ type: MongooseSchema.Types.Mixed }) price?: Price;
}

/** What was bought, and for whom. */
export interface PurchaseRecord {
  readonly userId: string | null;
  readonly items: BookingItemRecord[];
}

/** A booking as it is stored. */
@Schema({ collection: 'bookings', id: false, versionKey: false })
export class BookingRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ type: String }) userId!: string | null;
  /** What is left, here and in `quantity`: whoever gives back what stands here returns no ticket twice. */
  @Prop({ type: [SchemaFactory.createForClass(BookingItemRecord)], required: true }) items!: BookingItemRecord[];
  @Prop({ required: true }) quantity!: number;
  /** What was bought, where a part was cancelled or the tickets have another owner. */
  @Prop({ type: MongooseSchema.Types.Mixed }) bought?: PurchaseRecord;
  /** Absent in a booking that never changed. */
  @Prop() changes?: number;
  @Prop({ type: String, required: true }) status!: BookingStatus;
  @Prop({ required: true }) bookedAt!: Date;
  @Prop() cancelledAt?: Date;
  @Prop() reference?: string;
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) metadata?: PairRecord[];
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
  /** The API key that it was made with. */
  @Prop({ type: Types.ObjectId }) soldBy?: Types.ObjectId;
  /** Taken over from the seed's database: its tickets are in the event's opening movement. */
  @Prop() imported?: true;
}

export const BOOKINGS_OF_EVENT = { eventId: 1, bookedAt: -1, _id: -1, status: 1 } as const;
export const BOOKINGS_OF_USER = { userId: 1, bookedAt: -1, _id: -1, eventId: 1 } as const;

export const BookingSchema = SchemaFactory.createForClass(BookingRecord);
// As few as can be: in a transaction, MongoDB pays for each of them with every booking, also for a partial one. Fields after
// the order are filters: MongoDB compares them in the index. Users have few bookings: those of an event are among them.
BookingSchema.index({ bookedAt: -1, _id: -1 });
BookingSchema.index(BOOKINGS_OF_EVENT);
BookingSchema.index(BOOKINGS_OF_USER);
BookingSchema.index(
  { reference: 1, bookedAt: -1, _id: -1 },
  { partialFilterExpression: { reference: { $exists: true } } },
);
// Makes a key take effect once for its event, whichever server receives it.
BookingSchema.index(
  { eventId: 1, 'idempotency.key': 1 },
  { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
);

export const positiveInteger = { bsonType: ['int', 'long', 'double'], minimum: 1 };

/** What the items of a booking, or of a hold, have to be. */
export const itemsRule = {
  bsonType: 'array',
  minItems: 1,
  items: {
    bsonType: 'object',
    required: ['quantity'],
    properties: { sectionId: { bsonType: 'objectId' }, quantity: positiveInteger },
  },
};

export const bookingValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'userId', 'items', 'quantity', 'status', 'bookedAt'],
    properties: {
      eventId: { bsonType: 'objectId' },
      userId: { bsonType: ['string', 'null'] },
      items: itemsRule,
      quantity: positiveInteger,
      status: { enum: ['confirmed', 'cancelled'] },
      bookedAt: { bsonType: 'date' },
    },
  },
  $expr: { $eq: ['$quantity', { $sum: '$items.quantity' }] },
};
