import { type ErasureRule, quantityOf, replaceAll } from '../../bookings/index.js';
import { HOLDS } from '../hold.js';

/** Erases a user from holds: what the user wrote goes as well, the metadata and the key with the fingerprint of the request. */
export const eraseHolds: ErasureRule = {
  lookups: ({ eventId, userId: value }, limit) => [
    { table: HOLDS.name, eventId, by: 'owner', value, limit: limit + 1 },
  ],

  erase(draft, { eventId, userId, pseudonym }, limit) {
    const own = draft.list(HOLDS).filter((hold) => hold.eventId === eventId && hold.userId === userId);
    const erased = own.slice(0, limit);
    const active = erased.filter(({ status }) => status === 'active');
    return {
      documents: replaceAll(draft, HOLDS, erased, (hold) => {
        return { ...hold, userId: pseudonym, metadata: undefined, idempotency: undefined };
      }),
      tickets: quantityOf(active.flatMap(({ items }) => items)),
      hasMore: own.length > limit,
    };
  },
};
