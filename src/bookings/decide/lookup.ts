/** Asks a store for the documents of an event whose `by` is `value`. */
export interface Lookup {
  /** The name of the store's table. */
  readonly table: string;
  readonly eventId: string;
  readonly by: string;
  readonly value: string;
  /** How many documents at most, where there may be many. */
  readonly limit?: number;
}
