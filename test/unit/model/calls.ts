import type { Booking } from '../../../src/bookings/booking.js';
import type { Hold } from '../../../src/holds/hold.js';
import type { Event } from '../../../src/events/event.js';
import type { Entry } from '../../../src/waitlist/entry.js';
import type { Part, Wish } from './model.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { Edit } from './terms.js';

export interface Granted {
  /** Null for what is deleted. */
  readonly made: Booking | Hold | Entry | Event | null;
  readonly isReplay: boolean;
}

/** What a caller was told: what is made, or the code of a problem and what it says, or an error that is none. */
export type Answer =
  | ({ readonly kind: 'granted' } & Granted)
  | { readonly kind: 'problem'; readonly code: string; readonly detail: string }
  | { readonly kind: 'error'; readonly message: string };

/** What somebody asks for. */
export interface Request {
  readonly does:
    'book' | 'cancel' | 'transfer' | 'hold' | 'confirm' | 'release' | 'extend' | 'edit' | 'delete' | 'join' | 'leave';
  readonly eventId: string;
  /** The booking, the hold, the entry or the edit that it wants to make, or is about. */
  readonly bookingId: string;
  /** Of a caller who books, holds or waits. */
  readonly wish?: Wish | undefined;
  /** Of a caller who cancels: undefined for all that is left. */
  readonly part?: Part | undefined;
  /** What a caller who confirms pays with. */
  readonly payment?: string | undefined;
  /** Who is to get the tickets that are transferred. */
  readonly to?: string | undefined;
  readonly edit?: Edit | undefined;
}

/** One request, from its arrival to its answer. Moments are numbers of commits. */
export interface Call extends Request {
  readonly process: SimulatedProcess;
  readonly asked: number;
  readonly askedMs: number;
  /** By the time of day. */
  readonly askedAt: number;
  /** The id of the change that it wants to make of a booking, once it has one. */
  changeId: string | undefined;
  hasDisconnected: boolean;
  answer: Answer | undefined;
  answered: number;
  answeredMs: number;
  answeredAt: number;
}

/** Answers that say that nothing was changed, whatever the books are. */
export const DROPPED = ['overloaded', 'database_unavailable'];
/** Answers that promise nothing. */
export const NOT_KNOWN = ['outcome_unknown', 'idempotency_in_progress'];

/** Whether the answer says that nothing was done. */
export function isDenied({ answer }: Call): boolean {
  return answer?.kind === 'error' || (answer?.kind === 'problem' && !NOT_KNOWN.includes(answer.code));
}

/** Whether the answer is a no that is meant to last. */
export function isRefused({ answer }: Call): boolean {
  return answer?.kind === 'problem' && ![...DROPPED, ...NOT_KNOWN].includes(answer.code);
}

/** Whether `other` repeats at the same process what `call` was not told about. */
export function isRepetition(other: Call, call: Call): boolean {
  const [repeated, first] = [keyedOf(other), keyedOf(call)];
  const isSame =
    other.process === call.process &&
    other.does === call.does &&
    first?.key !== undefined &&
    first.key === repeated?.key &&
    first.text === repeated.text &&
    (call.does !== 'cancel' || other.bookingId === call.bookingId);
  const isUnknown = call.answer?.kind === 'problem' && NOT_KNOWN.includes(call.answer.code);
  return isSame && isUnknown && other.askedMs >= call.answeredMs;
}

function keyedOf({ wish, part }: Call): { readonly key: string | undefined; readonly text: string } | undefined {
  return wish ?? part;
}

export function describe({ does, wish, part, to, payment, edit, bookingId, answer, asked, answered }: Call): string {
  const what = `${does} ${bookingId} ${wish?.text ?? part?.text ?? to ?? payment ?? (edit ? JSON.stringify(edit) : '')}`;
  return `${what}, asked at ${asked}, answered at ${answered}: ${JSON.stringify(answer)}`;
}
