import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import { type CollectionSpec, indexesOf } from '../../platform/database/index.js';
import type { Erasure } from '../erasure.js';

/** An erasure, as it is stored. */
@Schema({ collection: 'erasures', _id: false, id: false, versionKey: false })
export class ErasureRecord {
  /** The pseudonym. */
  @Prop({ type: String, required: true }) _id!: string;
  /** Only until the erasure has ended. */
  @Prop() userId?: string;
  @Prop({ required: true }) startedAt!: Date;
  @Prop() endedAt?: Date;
  @Prop() by?: string;
  @Prop({ type: MongooseSchema.Types.Mixed }) last?: NonNullable<Erasure['last']>;
}

export const ErasureSchema = SchemaFactory.createForClass(ErasureRecord);
// A user has one pseudonym at a time, whichever server goes on.
ErasureSchema.index({ userId: 1 }, { unique: true, partialFilterExpression: { userId: { $exists: true } } });

const erasureValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['startedAt'],
    properties: {
      _id: { bsonType: 'string' },
      userId: { bsonType: 'string' },
      startedAt: { bsonType: 'date' },
      endedAt: { bsonType: 'date' },
    },
  },
};

export const erasuresCollection: CollectionSpec = {
  name: 'erasures',
  validator: { version: 1, rules: erasureValidator, unmarked: [] },
  indexes: indexesOf(ErasureSchema),
};
