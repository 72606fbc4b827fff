import { KeysInFlight } from '../../common/concurrency/keys-in-flight.js';
import { EventCache } from './event-cache.js';
import { UnresolvedCommits } from './unresolved-commits.js';

/** What this server remembers between two commits. The guards in the writes decide whether it is still true. */
export class BookingsMemory {
  readonly events = new EventCache();
  readonly unresolvedCommits = new UnresolvedCommits();
  readonly keysInFlight = new KeysInFlight();
}
