import { type mongo, Types } from 'mongoose';
import type { Position } from '../../common/page.js';

/** The condition for what comes after the position in a list sorted newest first by `field`; none without a position. */
export function afterPosition(field: string, after: Position | undefined): mongo.Document {
  if (!after) return {};
  return { $or: [{ [field]: { $lt: after.at } }, { [field]: after.at, _id: { $lt: new Types.ObjectId(after.id) } }] };
}
