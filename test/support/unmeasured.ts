import { Registry } from 'prom-client';
import { BookingsMetrics } from '../../src/bookings/bookings.metrics.js';
import { RecentOutcomes } from '../../src/bookings/recent-outcomes.js';
import { Clock, SystemClock } from '../../src/common/clock.js';
import type { DatabaseMetrics } from '../../src/platform/database/database.metrics.js';

/** For parts of the product that a test makes by itself: measured, and read by nobody. */
export const unmeasuredBookings = (clock: Clock = new SystemClock()) =>
  new BookingsMetrics(new Registry(), new RecentOutcomes(clock), clock);
export const unmeasuredDatabase = { countUnknownCommit: () => undefined } as unknown as DatabaseMetrics;
