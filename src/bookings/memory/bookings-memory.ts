import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { KeysInFlight } from '../../common/concurrency/keys-in-flight.js';
import { EventCache } from './event-cache.js';
import { UnresolvedCommits } from './unresolved-commits.js';

/** What this server remembers between two commits. The guards in the writes decide whether it is still true. */
@Injectable()
export class BookingsMemory {
  readonly events: EventCache;
  readonly unresolvedCommits = new UnresolvedCommits();
  readonly keysInFlight = new KeysInFlight();

  constructor(clock: Clock) {
    this.events = new EventCache(clock);
  }
}
