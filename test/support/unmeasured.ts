import { Registry } from 'prom-client';
import { BookingsMetrics } from '../../src/bookings/bookings.metrics.js';
import type { DatabaseMetrics } from '../../src/platform/database/database.metrics.js';

/** For parts of the product that a test makes by itself: measured, and read by nobody. */
export const unmeasuredBookings = () => new BookingsMetrics(new Registry());
export const unmeasuredDatabase = { countUnknownCommit: () => undefined } as unknown as DatabaseMetrics;
