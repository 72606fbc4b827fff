import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import type { Idempotency } from '../../common/idempotency.js';
import type { PairRecord } from '../../common/pairs.js';
import type { EventStatus, Price, Queue } from '../event.js';

interface ReservedRecord {
  readonly sectionId?: Types.ObjectId;
  readonly quantity: number;
  readonly after: number;
}

export interface WaitlistRecord {
  readonly lastNumber: number;
  readonly waiting: number;
  readonly endedUpTo: number;
  readonly reserved: ReservedRecord[];
}

@Schema({ _id: false, id: false })
export class SectionRecord {
  @Prop({ type: Types.ObjectId, required: true }) _id!: Types.ObjectId;
  @Prop({ required: true }) name!: string;
  @Prop({ required: true }) capacity!: number;
  @Prop({ required: true }) availableTickets!: number;
  @Prop({ required: true }) heldTickets!: number;
  @Prop({ required: true }) soldTickets!: number;
  /** A bare number in a section that was taken over from the seed's database. */
  @Prop({ type: MongooseSchema.Types.Mixed }) price?: Price | number;
  /** What the capacity was before the import, where more had been sold. */
  @Prop() importedCapacity?: number;
}

/** An event as it is stored. */
@Schema({ collection: 'events', id: false, versionKey: false })
export class EventRecord {
  _id!: Types.ObjectId;
  @Prop({ required: true }) name!: string;
  @Prop({ type: String, required: true }) status!: EventStatus;
  @Prop({ required: true }) totalTickets!: number;
  @Prop({ required: true }) availableTickets!: number;
  @Prop({ required: true }) heldTickets!: number;
  @Prop({ required: true }) soldTickets!: number;
  @Prop({ type: MongooseSchema.Types.Mixed }) price?: Price | number;
  @Prop({ type: [SchemaFactory.createForClass(SectionRecord)], required: true }) sections!: SectionRecord[];
  /** Null if written by hand: no limit, like an absent field. */
  @Prop({ type: Number }) maxTicketsPerUser?: number | null;
  @Prop() countsUserTickets?: true;
  @Prop({ type: Number }) maxTicketsPerBooking?: number | null;
  @Prop({ type: Date }) startsAt?: Date | null;
  @Prop({ type: Date }) salesStartAt?: Date | null;
  @Prop({ type: Date }) salesEndAt?: Date | null;
  @Prop() reference?: string;
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) metadata?: PairRecord[];
  /** Absent or null where no hold is active. */
  @Prop({ type: Date }) nextHoldExpiresAt?: Date | null;
  @Prop({ type: MongooseSchema.Types.Mixed }) waitlist?: WaitlistRecord;
  @Prop({ type: MongooseSchema.Types.Mixed }) queue?: Queue;
  @Prop({ required: true }) version!: number;
  @Prop({ required: true }) revision!: number;
  @Prop({ required: true }) createdAt!: Date;
  @Prop({ required: true }) updatedAt!: Date;
  @Prop() importedCapacity?: number;
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
}

/** How events are sorted by their date, and by their name. */
export const BY_START = { startsAt: 1, _id: 1 } as const;
export const BY_NAME = { name: 1, _id: 1 } as const;
/** Sorts letters from A to Z, whatever their case. */
export const ANY_CASE = { locale: 'en', strength: 2 } as const;

export const EventSchema = SchemaFactory.createForClass(EventRecord);
EventSchema.index({ createdAt: -1, _id: -1 });
// By the status alone: MongoDB would compare the keys of all indexes at each sale if one of them named a count.
EventSchema.index({ createdAt: -1, _id: -1 }, { name: 'on_sale', partialFilterExpression: { status: 'on_sale' } });
// No sale changes a date or a name, so that these two cost it nothing.
EventSchema.index(BY_START);
EventSchema.index(BY_NAME, { collation: ANY_CASE });
// Where holds end next. Of a hold itself, such an index would cost more: every one of them changes.
EventSchema.index({ nextHoldExpiresAt: 1 }, { partialFilterExpression: { nextHoldExpiresAt: { $type: 'date' } } });
/** Where somebody waits. */
export const WAITING = { 'waitlist.waiting': 1 } as const;
EventSchema.index(WAITING, { partialFilterExpression: { 'waitlist.waiting': { $gt: 0 } } });
/** Where requests wait in the queue. */
export const QUEUED = { 'queue.waiting': 1 } as const;
EventSchema.index(QUEUED, { partialFilterExpression: { 'queue.waiting': { $gt: 0 } } });
// Makes a key take effect once, whichever server receives it.
EventSchema.index(
  { 'idempotency.key': 1 },
  { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
);
