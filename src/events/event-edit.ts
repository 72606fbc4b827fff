import type { Instant } from '../common/clock.js';
import type { EventConfiguration } from './event.js';

/** The record of one edit of an event, or of its deletion. Written once, with the event; never changes. */
export interface EventEdit {
  readonly id: string;
  readonly eventId: string;
  readonly kind: 'edited' | 'deleted';
  /** The version that it made. */
  readonly version: number;
  readonly at: Instant;
  /** The name of the API key that it was made with; undefined where none is asked for. */
  readonly by: string | undefined;
  /** What the event was before. */
  readonly before: EventConfiguration;
}
