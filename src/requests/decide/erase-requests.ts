import { type ErasureRule, replaceAll } from '../../bookings/index.js';
import { REQUESTS } from '../request.js';

/** Erases a user from requests: they keep their places, and lose the key with the fingerprint of the request. */
export const eraseRequests: ErasureRule = {
  lookups: ({ eventId, userId: value }, limit) => [
    { table: REQUESTS.name, eventId, by: 'owner', value, limit: limit + 1 },
  ],

  erase(draft, { eventId, userId, pseudonym }, limit) {
    const own = draft.list(REQUESTS).filter((request) => request.eventId === eventId && request.userId === userId);
    const documents = replaceAll(draft, REQUESTS, own.slice(0, limit), ({ wanted, ...request }) => {
      const erased = { userId: pseudonym, idempotency: undefined };
      return { ...request, ...erased, wanted: wanted && { ...wanted, ...erased, metadata: undefined } };
    });
    return { documents, tickets: 0, hasMore: own.length > limit };
  },
};
