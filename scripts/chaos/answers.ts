import { toHistoryMs } from './clock.js';
import type { Answer, EntryStatus, HoldStatus } from './history.js';

/** A response as far as a caller reads it. */
export interface Response {
  readonly status: number;
  readonly isReplay: boolean;
  readonly body: Body;
}

export interface Body {
  readonly code?: string;
  readonly message?: string;
  readonly booking?: BookingView;
  readonly hold?: HoldView;
  readonly entry?: EntryView;
  readonly request?: RequestView;
  readonly bookings?: readonly BookingView[];
  readonly event?: EventView;
  readonly differences?: readonly unknown[];
  readonly balanced?: boolean;
}

export interface BookingView {
  readonly _id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly status: 'confirmed' | 'cancelled';
  readonly items: readonly { readonly sectionId?: string; readonly quantity: number }[];
}

interface HoldView {
  readonly _id: string;
  readonly status: HoldStatus;
  readonly expiresAt: string;
}

/** A request that waits in the queue of its event, or has ended. */
export interface RequestView {
  readonly _id: string;
  readonly status: 'queued' | 'done' | 'refused' | 'failed';
  readonly booking?: BookingView;
  readonly problem?: { readonly status: number; readonly code: string; readonly message: string };
}

interface EntryView {
  readonly _id: string;
  readonly status: EntryStatus;
  readonly offerExpiresAt?: string;
}

export interface EventView {
  readonly _id: string;
  readonly totalTickets: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
  readonly sections: readonly { readonly _id: string; readonly capacity: number; readonly availableTickets: number }[];
}

const UNCHANGED = ['overloaded', 'database_unavailable', 'queued_ahead'];

/** No response, and why. */
export class NoResponse extends Error {
  constructor(readonly code: 'connection_refused' | 'connection_lost' | 'timeout') {
    super(code);
  }
}

/** What a caller knows after a response to a booking or a cancellation. */
export function toAnswer(response: Response): Answer {
  const { status, isReplay, body } = response;
  const { booking } = body;
  if (status === 201 && booking) return { kind: 'booked', bookingId: booking._id, isReplay };
  if (status === 200 && booking?.status === 'cancelled') return { kind: 'cancelled' };
  return toOtherAnswer(response);
}

/** What a caller knows after a response to a hold, or to a step of one. */
export function toHoldAnswer(response: Response): Answer {
  const { status, isReplay, body } = response;
  const { code = '', message = '', booking, hold } = body;
  if (status === 201 && hold) {
    return { kind: 'held', holdId: hold._id, expiresAtMs: toHistoryMs(hold.expiresAt), isReplay };
  }
  if ((status === 201 || status === 200) && booking) return { kind: 'booked', bookingId: booking._id, isReplay };
  if (status === 200 && hold?.status === 'released') return { kind: 'released' };
  if (status === 200 && hold) return { kind: 'extended', expiresAtMs: toHistoryMs(hold.expiresAt) };
  if (status === 410 && code === 'hold_expired') return { kind: 'ended', was: 'expired' };
  if (status === 409 && code === 'already_paid') return { kind: 'ended', was: 'confirmed' };
  const was = /^A hold that is (confirmed|released|expired) /.exec(message)?.[1];
  if (status === 409 && code === 'wrong_state' && was) return { kind: 'ended', was: was as HoldStatus };
  return toOtherAnswer(response);
}

/** What a caller knows after a response about its entry of a waitlist. */
export function toEntryAnswer(response: Response): Answer {
  const { status, isReplay, body } = response;
  const { code, message = '', entry } = body;
  if (status === 201 && entry) return { kind: 'joined', entryId: entry._id, status: entry.status, isReplay };
  if (status === 200 && entry) {
    const offerEndsAtMs = entry.offerExpiresAt === undefined ? undefined : toHistoryMs(entry.offerExpiresAt);
    return { kind: 'entry', status: entry.status, offerEndsAtMs };
  }
  if (status === 409 && code === 'tickets_available') return { kind: 'refused', code };
  const was = /^A waitlist entry that is (accepted|expired) /.exec(message)?.[1];
  if (status === 409 && code === 'wrong_state' && was) return { kind: 'entry', status: was as EntryStatus };
  return toOtherAnswer(response);
}

function toOtherAnswer({ status, body }: Response): Answer {
  const { code = '' } = body;
  if (status === 409 && (code === 'sold_out' || code === 'not_enough_tickets')) return { kind: 'refused', code };
  if (status === 409 && code === 'idempotency_in_progress') return { kind: 'unknown', code };
  if (status === 422 && code === 'idempotency_key_reused') return { kind: 'key_reused' };
  if (status === 503 && code === 'outcome_unknown') return { kind: 'unknown', code };
  if (status === 503 && UNCHANGED.includes(code)) return { kind: 'unchanged', code };
  return { kind: 'unexpected', detail: `${status} ${JSON.stringify(body)}` };
}

/** What a caller knows without a response: what nobody took can't have been done. */
export function withoutResponse({ code }: NoResponse): Answer {
  return { kind: code === 'connection_refused' ? 'unchanged' : 'unknown', code };
}
