/** A request waits; then it has got what it wanted, was refused, or can't be carried out. */
export const REQUEST_STATUSES = ['queued', 'done', 'refused', 'failed'] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];
