import type { Table } from '../../bookings/index.js';
import type { Erasure } from '../erasure.js';

/** Erasures are found by their pseudonym. */
export const ERASURES: Table<Erasure> = { name: 'erasures', namesOf: ({ pseudonym }) => [pseudonym] };
