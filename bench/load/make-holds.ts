import { Caller } from './caller.js';
import { findHoldId } from './requests.js';

export interface HoldsPlan {
  readonly url: string;
  readonly connections: number;
  readonly eventId: string;
  readonly count: number;
  /** In milliseconds since 1970: each hold ends in the second before. */
  readonly endBy: number;
}

/** Makes holds of one ticket, each for another user. Returns how many could be made before their second had begun. */
export async function makeHolds({ url, connections, eventId, count, endBy }: HoldsPlan): Promise<number> {
  const callers = await Promise.all(Array.from({ length: connections }, () => Caller.connect(url)));
  let [asked, made] = [0, 0];
  const make = async (caller: Caller) => {
    while (asked < count) {
      const ttlSeconds = Math.floor((endBy - Date.now()) / 1_000);
      if (ttlSeconds < 1) return;
      const answer = await caller.post('/holds', { eventId, userId: `holder-${++asked}`, ttlSeconds });
      if (findHoldId(answer.body) !== undefined) made++;
    }
  };
  await Promise.all(callers.map(make));
  for (const caller of callers) caller.hangUp();
  return made;
}
