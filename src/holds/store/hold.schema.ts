import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import { type BookingItemRecord, itemsRule, type MetadataRecord, positiveInteger } from '../../bookings/index.js';
import type { Idempotency } from '../../common/idempotency.js';
import { HOLD_STATUSES, type HoldStatus } from '../hold-states.js';

export interface SettlementRecord {
  readonly by: string;
  readonly reference: string;
  readonly outcome: 'booked' | 'refund_due';
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
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) metadata?: MetadataRecord[];
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
  @Prop({ type: Types.ObjectId }) soldBy?: Types.ObjectId;
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) settlements?: SettlementRecord[];
  /** Whether one of its payments still has to be given back. */
  @Prop() isRefundDue?: true;
}

export const HoldSchema = SchemaFactory.createForClass(HoldRecord);
/** The index for the active holds that a user has of an event. */
export const ACTIVE_OF_USER = { eventId: 1, userId: 1 } as const;
const ACTIVE = { partialFilterExpression: { status: 'active' } };
// What ends next, of one event and of all.
HoldSchema.index({ eventId: 1, expiresAt: 1 }, ACTIVE);
HoldSchema.index({ expiresAt: 1 }, ACTIVE);
HoldSchema.index(ACTIVE_OF_USER, ACTIVE);
// Lists, newest first.
HoldSchema.index({ createdAt: -1, _id: -1 });
HoldSchema.index({ eventId: 1, createdAt: -1, _id: -1 });
HoldSchema.index({ userId: 1, createdAt: -1, _id: -1 });
HoldSchema.index({ createdAt: -1, _id: -1 }, { name: 'refunds', partialFilterExpression: { isRefundDue: true } });
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
