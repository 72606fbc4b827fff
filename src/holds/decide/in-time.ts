import type { Instant } from '../../common/clock.js';
import type { Draft } from '../../bookings/index.js';
import type { Hold } from '../hold.js';

/** Whether a request that arrived at `at` came before the end of this hold, which is due by now. */
export function isKept(hold: Hold | undefined, at: Instant, draft: Draft): boolean {
  return hold?.status === 'active' && at < hold.expiresAt && hold.expiresAt <= draft.now;
}
