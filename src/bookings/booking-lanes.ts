import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { BookingLane, type Commit } from './booking-lane.js';

const LIMITS = {
  maxWaiting: 10_000,
  maxWaitingPerEvent: 2_000,
  maxBatch: 500,
  maxWaitMs: 4_000,
  deadlineMs: 5_000,
};

/** What commands wait in. */
export type Lane<Command extends { readonly eventId: string }, Outcome> = Pick<BookingLane<Command, Outcome>, 'submit'>;

/** Makes the lane for a transaction, with the limits of production. */
@Injectable()
export class BookingLanes {
  constructor(private readonly clock: Clock) {}

  open<Command extends { readonly eventId: string }, Outcome>(
    commit: Commit<Command, Outcome>,
  ): Lane<Command, Outcome> {
    return new BookingLane(this.clock, LIMITS, commit);
  }
}
