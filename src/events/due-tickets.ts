/** Ends what is due at events, so that a read shows the tickets that are available again. A later feature implements it. */
export abstract class DueTickets {
  /** Returns when nothing is due at the event, and after a second at the latest: no read is refused because of it. */
  abstract settle(eventId: string): Promise<void>;

  /** Starts the same at these events, without waiting. May leave some out while much is under way. Never throws. */
  abstract start(eventIds: readonly string[]): void;
}
