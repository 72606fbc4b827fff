/** What an entry may become. Who was offered tickets too late may still pay for them, where they are there. */
const NEXT = {
  waiting: ['offered', 'left', 'expired'],
  offered: ['accepted', 'left', 'expired'],
  accepted: [],
  left: [],
  expired: ['accepted'],
} as const;

export type EntryStatus = keyof typeof NEXT;
export const ENTRY_STATUSES = Object.keys(NEXT) as readonly EntryStatus[];

/** Whether the change from one state to the other is legal. */
export function mayBecome(from: EntryStatus, to: EntryStatus): boolean {
  return (NEXT[from] as readonly EntryStatus[]).includes(to);
}
