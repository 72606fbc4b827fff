import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DocumentsOfUser, type ErasureSource } from '../../bookings/index.js';
import { eraseRequests } from '../decide/erase-requests.js';
import { REQUESTS_OF_USER, RequestRecord } from './request.schema.js';

/** Finds a user in requests. */
@Injectable()
export class RequestsErasure extends DocumentsOfUser<RequestRecord> implements ErasureSource {
  readonly rule = eraseRequests;

  constructor(@InjectModel(RequestRecord.name) requests: Model<RequestRecord>) {
    super(requests, REQUESTS_OF_USER, { idempotency: 1, wanted: 1 });
  }
}
