import type { Instant } from '../../common/clock.js';
import type { ProblemOptions } from '../../common/problem.js';
import type { TraceContext } from '../../common/trace.js';
import type { Event } from '../../events/index.js';
import type { Draft } from './draft.js';
import type { Lookup } from './lookup.js';

/** A wish to change tickets of one event. Plain data, like its outcome: both may cross a process as JSON. */
export interface Command {
  readonly kind: string;
  readonly eventId: string;
  /** Of a command of another server: from this moment on it is refused, and that server decides what becomes of it. */
  readonly decideBefore?: Instant;
  /** Of a request whose trace is sampled. Nothing is decided by it, and it is stored nowhere. */
  readonly trace?: TraceContext;
}

/** The wish is granted, by this command or by an earlier one with the same key. */
export interface Done<Result = unknown> {
  readonly kind: 'done';
  readonly result: Result;
  readonly isReplay: boolean;
  /** The revision of the event that the transaction has read or written; absent where it knew only an earlier state. */
  readonly revision?: number;
}

/** What became of one command. */
export type Outcome<Result = unknown> = Done<Result> | { readonly kind: 'refused'; readonly problem: ProblemOptions };

/** The command has to wait for others; where its time ends meanwhile, the problem says so. */
export interface Postponed {
  readonly kind: 'postponed';
  readonly problem: ProblemOptions;
}

/** Undefined where the command has to be decided again: more is due at its event than was read. */
export type Decision<Result = unknown> = Outcome<Result> | Postponed | undefined;

/** What is known when a command says what to look up. */
export interface Known {
  readonly events: ReadonlyMap<string, Event>;
  /** Whether an earlier attempt may have committed: then the documents that it made have to be looked up as well. */
  readonly mayHaveCommitted: boolean;
}

/** One kind of command: all that the engine has to know about it. */
export interface CommandKind<Wanted extends Command = Command, Result = unknown> {
  readonly kind: Wanted['kind'];
  /** Whether the command does not wait behind others of its event: it takes nothing that they want, or ends what they wait for. */
  goesFirst?(command: Wanted): boolean;
  /** What has to be read for the command, once its event is known. */
  lookups(command: Wanted, known: Known): readonly Lookup[];
  /** What else has to be read because of what was read for all commands: the documents, by the name of their table. */
  follow?(command: Wanted, known: Known, documents: ReadonlyMap<string, readonly unknown[]>): readonly Lookup[];
  /**
   * Whether the command arrived before the moment at which something falls due that it is about, and was only planned
   * late: then it is decided first.
   */
  isInTime?(command: Wanted, draft: Draft): boolean;
  /**
   * Decides the command, and puts what it changes into the draft: all of it or nothing. Touches no event but its own. A
   * refusal that changes something has to wait (undefined) while the event is behind.
   */
  decide(command: Wanted, draft: Draft): Decision<Result>;
  /** What an earlier command with the same id or idempotency key has done, where that is known. */
  findDone?(command: Wanted, draft: Draft): Outcome<Result> | undefined;
  /** The result as the whole transaction leaves it, where it tells what may change after the decision. */
  conclude?(result: Result, draft: Draft): Result;
  /** Whether later commands of its event are decided while it waits: it wants nothing that they could take. */
  readonly mayBeOvertaken?: true;
  /** How many tickets a result has sold; negative for returned ones, 0 where the kind does not say. For metrics alone. */
  soldTickets?(result: Result): number;
}

/** What a feature does when the time of something at an event has come: before anything is decided that came later. */
export interface DueRule {
  /** The name of the table that has what falls due. */
  readonly table: string;
  isDue(event: Event, now: Instant): boolean;
  /** What has to be read of what is due by `now`: `limit` documents that it may settle, and the one that is due next. */
  lookups(event: Event, now: Instant, limit: number): readonly Lookup[];
  /** What else has to be read because of what was read for these. */
  follow(event: Event, documents: readonly unknown[]): readonly Lookup[];
  /** Does what is due, at most `limit` times. Says in the draft where more is due than that. */
  settle(event: Event, draft: Draft, limit: number): void;
}

/** What a feature does when tickets of an event become free, in the same transaction and before the next command. */
export interface FreeingRule {
  /** The pools of which tickets became free are named by their sections; undefined for the event itself. */
  whenFreed(event: Event, sectionIds: readonly (string | undefined)[], draft: Draft): void;
}

/**
 * What a feature does when all commands of a transaction are decided. It may ask the draft for documents: then they are
 * read, and all is planned again, so that whatever it does without them has to be true as well.
 */
export interface ClosingRule {
  close(draft: Draft): void;
}
