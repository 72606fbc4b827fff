import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import { positiveInteger, REQUEST_STATUSES, type RequestStatus } from '../../bookings/index.js';
import type { Idempotency } from '../../common/idempotency.js';
import type { ProblemOptions } from '../../common/problem.js';

/** A request of a queue as it is stored. */
@Schema({ collection: 'requests', id: false, versionKey: false })
export class RequestRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ required: true }) userId!: string;
  @Prop({ required: true }) number!: number;
  @Prop({ type: String, required: true }) status!: RequestStatus;
  @Prop({ required: true }) kind!: string;
  /** The command, as JSON; absent when it was carried out, or refused. */
  @Prop() wanted?: string;
  @Prop({ required: true }) requestedAt!: Date;
  @Prop() endedAt?: Date;
  @Prop({ type: Types.ObjectId }) resultId?: Types.ObjectId;
  @Prop({ type: MongooseSchema.Types.Mixed }) problem?: ProblemOptions;
  @Prop() failure?: string;
  /** Set for a failed request that an operator wants to be tried again. */
  @Prop() isToRetry?: true;
  @Prop({ type: MongooseSchema.Types.Mixed }) idempotency?: Idempotency;
  @Prop({ type: Types.ObjectId }) soldBy?: Types.ObjectId;
}

export const RequestSchema = SchemaFactory.createForClass(RequestRecord);
// An event numbers its requests.
export const REQUESTS_OF_EVENT = { eventId: 1, number: 1 } as const;
RequestSchema.index(REQUESTS_OF_EVENT, { unique: true });
export const REQUESTS_OF_USER = { userId: 1, eventId: 1 } as const;
RequestSchema.index(REQUESTS_OF_USER);
// What has ended: the failed ones for the operator, the others until they are deleted.
export const ENDED_REQUESTS = { status: 1, endedAt: 1 } as const;
RequestSchema.index(ENDED_REQUESTS, { partialFilterExpression: { endedAt: { $exists: true } } });
// Makes a key take effect once for its event, whichever server receives it.
RequestSchema.index(
  { eventId: 1, 'idempotency.key': 1 },
  { unique: true, partialFilterExpression: { 'idempotency.key': { $exists: true } } },
);

export const requestValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'userId', 'number', 'status', 'kind', 'requestedAt'],
    properties: {
      eventId: { bsonType: 'objectId' },
      userId: { bsonType: 'string' },
      number: positiveInteger,
      status: { enum: REQUEST_STATUSES },
      kind: { bsonType: 'string' },
      wanted: { bsonType: 'string' },
      requestedAt: { bsonType: 'date' },
      endedAt: { bsonType: 'date' },
      resultId: { bsonType: 'objectId' },
      failure: { bsonType: 'string' },
    },
  },
};
