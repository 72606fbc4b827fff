import { type ErasureRule, replaceAll } from '../../bookings/index.js';
import { ENTRIES } from '../entry.js';

/** Erases a user from entries of waitlists: they keep their places, and lose the key with the fingerprint of the request. */
export const eraseEntries: ErasureRule = {
  lookups: ({ eventId, userId: value }, limit) => [
    { table: ENTRIES.name, eventId, by: 'owner', value, limit: limit + 1 },
  ],

  erase(draft, { eventId, userId, pseudonym }, limit) {
    const own = draft.list(ENTRIES).filter((entry) => entry.eventId === eventId && entry.userId === userId);
    const documents = replaceAll(draft, ENTRIES, own.slice(0, limit), (entry) => {
      return { ...entry, userId: pseudonym, idempotency: undefined };
    });
    // The tickets that an entry was offered are those of its hold.
    return { documents, tickets: 0, hasMore: own.length > limit };
  },
};
