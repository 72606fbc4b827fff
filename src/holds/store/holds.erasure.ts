import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DocumentsOfUser, type ErasureSource } from '../../bookings/index.js';
import { eraseHolds } from '../decide/erase-holds.js';
import { HoldRecord, HOLDS_OF_USER } from './hold.schema.js';

/** Finds a user in holds. */
@Injectable()
export class HoldsErasure extends DocumentsOfUser<HoldRecord> implements ErasureSource {
  readonly rule = eraseHolds;

  constructor(@InjectModel(HoldRecord.name) holds: Model<HoldRecord>) {
    super(holds, HOLDS_OF_USER, { metadata: 1, idempotency: 1 });
  }
}
