import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Types } from 'mongoose';

/** How many tickets a user has of an event, as it is stored. */
@Schema({ collection: 'userTickets', _id: false, id: false, versionKey: false })
export class UserTicketsRecord {
  /** The event's id, a slash and the user's id: one index serves for both, and for all users of an event. */
  @Prop({ type: String, required: true }) _id!: string;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ required: true }) userId!: string;
  @Prop({ required: true }) tickets!: number;
}

export const UserTicketsSchema = SchemaFactory.createForClass(UserTicketsRecord);

export const userTicketsValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'userId', 'tickets'],
    properties: {
      _id: { bsonType: 'string' },
      eventId: { bsonType: 'objectId' },
      userId: { bsonType: 'string' },
      tickets: { bsonType: ['int', 'long', 'double'], minimum: 0 },
    },
  },
};
