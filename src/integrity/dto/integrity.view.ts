export class DifferenceView {
  /**
   * What was compared.
   * @example "soldTickets by the bookings"
   */
  check!: string;
  /** The section, where it is about one. */
  sectionId?: string;
  /** The booking, where it is about one. */
  bookingId?: string;
  /** What it should be, by the bookings or the movements. */
  expected!: number;
  /** What is stored. */
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
