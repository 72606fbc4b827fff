import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Types } from 'mongoose';
import type { MovementKind } from './movement.js';

@Schema({ _id: false, id: false })
export class MovementLineRecord {
  @Prop({ type: String, required: true }) kind!: MovementKind;
  @Prop({ type: Types.ObjectId }) sectionId?: Types.ObjectId;
  @Prop({ type: Types.ObjectId }) bookingId?: Types.ObjectId;
  @Prop({ required: true }) quantity!: number;
}

/** What one transaction did to one event: written once, never changed. */
@Schema({ collection: 'movements', id: false, versionKey: false })
export class MovementRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  /** The revision that this movement made. */
  @Prop({ required: true }) revision!: number;
  @Prop({ type: [SchemaFactory.createForClass(MovementLineRecord)], required: true }) lines!: MovementLineRecord[];
  @Prop({ required: true }) at!: Date;
}

export const MovementSchema = SchemaFactory.createForClass(MovementRecord);
MovementSchema.index({ eventId: 1, revision: 1 }, { unique: true });
