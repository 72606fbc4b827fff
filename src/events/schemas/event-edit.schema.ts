import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';
import { configurationOf, type EventConfiguration } from '../event.js';
import type { EventEdit } from '../event-edit.js';
import { toEvent, toFields } from './event.mapper.js';
import type { EventRecord } from './event.schema.js';

/** The edit of an event, as it is stored. */
@Schema({ collection: 'eventEdits', id: false, versionKey: false })
export class EventEditRecord {
  _id!: Types.ObjectId;
  @Prop({ type: Types.ObjectId, required: true }) eventId!: Types.ObjectId;
  @Prop({ type: String, required: true }) kind!: EventEdit['kind'];
  @Prop({ required: true }) version!: number;
  @Prop({ required: true }) at!: Date;
  @Prop() by?: string;
  /** The fields of the event that an edit may change, as the event has them. */
  @Prop({ type: MongooseSchema.Types.Mixed, required: true }) before!: Partial<EventRecord>;
}

export const EventEditSchema = SchemaFactory.createForClass(EventEditRecord);
// A second edit that makes the same version has not seen the first.
EventEditSchema.index({ eventId: 1, version: 1 }, { unique: true });

export const eventEditValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'kind', 'version', 'at', 'before'],
    properties: {
      eventId: { bsonType: 'objectId' },
      kind: { enum: ['edited', 'deleted'] },
      version: { bsonType: ['int', 'long', 'double'], minimum: 2 },
      at: { bsonType: 'date' },
      before: { bsonType: 'object' },
    },
  },
};

export function toEditRecord({ id, eventId, at, by, before, kind, version }: EventEdit): EventEditRecord {
  const { sections, ...rest } = before;
  const stored = sections.map(({ id: sectionId, ...section }) => ({
    _id: new Types.ObjectId(sectionId),
    ...toFields(section).set,
  }));
  return {
    _id: new Types.ObjectId(id),
    eventId: new Types.ObjectId(eventId),
    kind,
    version,
    at: new Date(at),
    ...(by !== undefined && { by }),
    before: { ...toFields(rest).set, sections: stored } as Partial<EventRecord>,
  };
}

export function toEdit({ _id, eventId, kind, version, at, by, before }: EventEditRecord): EventEdit {
  return {
    id: _id.toHexString(),
    eventId: eventId.toHexString(),
    kind,
    version,
    at: at.getTime(),
    by,
    before: toConfiguration(before),
  };
}

/** The configuration that is stored as these fields of an event. */
export function toConfiguration(before: Partial<EventRecord>): EventConfiguration {
  return configurationOf(toEvent({ ...before, _id: new Types.ObjectId() } as EventRecord));
}
