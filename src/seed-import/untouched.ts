/** What has not been taken over yet: each write matches only this, so that it is done once, by whichever server. */
export const UNTOUCHED_BOOKING = { items: { $exists: false } } as const;
export const UNTOUCHED_EVENT = { revision: { $exists: false } } as const;

export const MAJORITY = { writeConcern: { w: 'majority', journal: true } } as const;
