/** What a hold may become. An expired one may still be paid for, where its tickets are there. */
const NEXT = {
  active: ['confirmed', 'released', 'expired'],
  expired: ['confirmed'],
  confirmed: [],
  released: [],
} as const;

export type HoldStatus = keyof typeof NEXT;
export const HOLD_STATUSES = Object.keys(NEXT) as readonly HoldStatus[];

/** Whether the change from one state to the other is legal. */
export function mayBecome(from: HoldStatus, to: HoldStatus): boolean {
  return (NEXT[from] as readonly HoldStatus[]).includes(to);
}
