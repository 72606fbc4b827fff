import { EXAMPLE_EVENT_ID } from '../../common/http/api-examples.js';

export class SectionAvailabilityView {
  /** @example "67841f2a3b4c5d6e7f809101" */
  _id!: string;
  /** @example 37 */
  availableTickets!: number;
  /** @example 2 */
  heldTickets!: number;
  /** @example 1 */
  soldTickets!: number;
}

/** The data of one message. */
export class AvailabilityView {
  /** @example "67841f2a3b4c5d6e7f809100" */
  eventId!: string;
  /**
   * Counts every committed write of the event; also the id of the message.
   * @example 4
   */
  revision!: number;
  /** @example 37 */
  availableTickets!: number;
  /** @example 2 */
  heldTickets!: number;
  /** @example 1 */
  soldTickets!: number;
  /** Empty when the tickets are one pool. */
  sections!: SectionAvailabilityView[];
}

const counts = { availableTickets: 37, heldTickets: 2, soldTickets: 1 };
const example: AvailabilityView = { eventId: EXAMPLE_EVENT_ID, revision: 4, ...counts, sections: [] };

/** The beginning of a stream. */
export const EXAMPLE_STREAM = `retry: 1000\n\nid: ${example.revision}\ndata: ${JSON.stringify(example)}\n\n`;
