/** The ids in the examples: in Swagger UI they stand for what is there (see `docs-examples.ts`). */
export const EXAMPLE_EVENT_ID = '67841f2a3b4c5d6e7f809100';
export const EXAMPLE_SECTION_IDS = ['67841f2a3b4c5d6e7f809101', '67841f2a3b4c5d6e7f809102'] as const;
export const EXAMPLE_BOOKING_ID = '67842a1b2c3d4e5f60718293';
export const EXAMPLE_HOLD_ID = '67842a1b2c3d4e5f60718294';
export const EXAMPLE_REQUEST_ID = '67852b3c4d5e6f7081929394';
export const EXAMPLE_ENTRY_ID = '67842a1b2c3d4e5f60718295';
export const EXAMPLE_INSTANT = Date.parse('2027-01-13T18:00:00Z');
