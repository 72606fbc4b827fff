export class DifferenceView {
  /**
   * What was compared.
   * @example "soldTickets by the bookings"
   */
  check!: string;
  /** The section that the difference is about, if any. */
  sectionId?: string;
  /** The booking that the difference is about, if any. */
  bookingId?: string;
  /** The figure by the bookings or the movements. */
  expected!: number;
  /** The stored figure. */
  found!: number;
}

export class IntegrityResponse {
  /** @example true */
  success!: boolean;
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /** @example true */
  balanced!: boolean;
  /**
   * Empty when the books balance.
   * @example []
   */
  differences!: DifferenceView[];
}
