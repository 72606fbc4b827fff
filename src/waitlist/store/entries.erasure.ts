import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DocumentsOfUser, type ErasureSource } from '../../bookings/index.js';
import { eraseEntries } from '../decide/erase-entries.js';
import { ENTRIES_OF_USER, EntryRecord } from './entry.schema.js';

/** Finds a user in entries of waitlists. */
@Injectable()
export class EntriesErasure extends DocumentsOfUser<EntryRecord> implements ErasureSource {
  readonly rule = eraseEntries;

  constructor(@InjectModel(EntryRecord.name) entries: Model<EntryRecord>) {
    super(entries, ENTRIES_OF_USER, { idempotency: 1 });
  }
}
