import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import { type BookingItemRecord, itemsRule, positiveInteger } from '../../bookings/index.js';
import type { Idempotency } from '../../common/idempotency.js';
import type { PairRecord } from '../../common/pairs.js';
import type { RefundReason } from '../hold.js';
import { HOLD_STATUSES, type HoldStatus } from '../hold-states.js';

export interface SettlementRecord {
  readonly by: string;
  readonly reference: string;
  readonly outcome: 'booked' | 'refund_due';
  readonly reason?: RefundReason;
  readonly at: Date;
  readonly settledAt?: Date;
}

/** A hold as it is stored. */
@Schema({ collection: 'holds', id: false, versionKey: false })
export class HoldRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ required: true }) userId!: string;
  @Prop({ type: [MongooseSchema.Types.Mixed], required: true }) items!: BookingItemRecord[];
  @Prop({ required: true }) quantity!: number;
  @Prop({ type: String, required: true }) status!: HoldStatus;
  @Prop({ required: true }) createdAt!: Date;
  @Prop({ required: true }) ttlSeconds!: number;
  @Prop({ required: true }) expiresAt!: Date;
  @Prop() reference?: string;
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) metadata?: PairRecord[];
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
  @Prop({ type: Types.ObjectId }) soldBy?: Types.ObjectId;
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) settlements?: SettlementRecord[];
  @Prop() isOffer?: true;
  /** Whether one of its payments still has to be given back. */
  @Prop() isRefundDue?: true;
}

// As few as can be: every hold that changes pays for each of them. Indexes of lists: a list of several states merges their
// ranges. Fields after the order are filters: MongoDB compares them in the index, and reads only the holds that match.
export const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const;
/** Finds also the active holds of a user, which every new hold counts. */
export const HOLDS_OF_USER = { userId: 1, status: 1, ...NEWEST_FIRST, eventId: 1 } as const;
export const HOLDS_OF_EVENT = { eventId: 1, status: 1, ...NEWEST_FIRST, expiresAt: 1 } as const;
/** Costs a hold nothing until a payment has to be given back. */
export const REFUNDS_DUE = { ...NEWEST_FIRST, eventId: 1, userId: 1 } as const;

export const HoldSchema = SchemaFactory.createForClass(HoldRecord);
// What ends next at an event: the lists' indexes do not have this order.
HoldSchema.index({ eventId: 1, expiresAt: 1 }, { partialFilterExpression: { status: 'active' } });
HoldSchema.index(HOLDS_OF_USER);
HoldSchema.index(HOLDS_OF_EVENT);
HoldSchema.index(REFUNDS_DUE, { partialFilterExpression: { isRefundDue: true } });
// Makes a key take effect once for its event, and a payment once for all.
HoldSchema.index(
  { eventId: 1, 'idempotency.key': 1 },
  { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
);
HoldSchema.index(
  { 'settlements.by': 1, 'settlements.reference': 1 },
  { unique: true, partialFilterExpression: { 'settlements.reference': { $exists: true } } },
);

export const holdValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'userId', 'items', 'quantity', 'status', 'createdAt', 'expiresAt'],
    properties: {
      eventId: { bsonType: 'objectId' },
      userId: { bsonType: 'string' },
      items: itemsRule,
      quantity: positiveInteger,
      status: { enum: HOLD_STATUSES },
      createdAt: { bsonType: 'date' },
      expiresAt: { bsonType: 'date' },
    },
  },
  $expr: { $eq: ['$quantity', { $sum: '$items.quantity' }] },
};
