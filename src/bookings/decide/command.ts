import type { ProblemOptions } from '../../common/problem.js';
import type { Event } from '../../events/index.js';
import type { Draft } from './draft.js';

/** A wish to change tickets of one event. Plain data, like its outcome: both may cross a process as JSON. */
export interface Command {
  readonly kind: string;
  readonly eventId: string;
}

/** The wish is granted, by this command or by an earlier one with the same key. */
export interface Done<Result = unknown> {
  readonly kind: 'done';
  readonly result: Result;
  readonly isReplay: boolean;
}

/** What became of one command. */
export type Outcome<Result = unknown> = Done<Result> | { readonly kind: 'refused'; readonly problem: ProblemOptions };

/** Asks a store for the documents of an event whose `by` is `value`. */
export interface Lookup {
  /** The name of the store's table. */
  readonly table: string;
  readonly eventId: string;
  readonly by: string;
  readonly value: string;
}

/** What is known when a command says what to look up. */
export interface Known {
  readonly events: ReadonlyMap<string, Event>;
  /** Whether an earlier attempt may have committed: then the documents that it made have to be looked up as well. */
  readonly mayHaveCommitted: boolean;
}

/** One kind of command: all that the engine has to know about it. */
export interface CommandKind<Wanted extends Command = Command, Result = unknown> {
  readonly kind: Wanted['kind'];
  /** What has to be read for the command, once its event is known. */
  lookups(command: Wanted, known: Known): readonly Lookup[];
  /** Decides the command, and puts what it changes into the draft: all of it or nothing. Touches no event but its own. */
  decide(command: Wanted, draft: Draft): Outcome<Result>;
}

/** What a feature does when tickets of an event become free, in the same transaction and before the next command. */
export interface FreeingRule {
  /** What has to be read in case tickets of the event become free: a bounded number of documents. */
  lookups(event: Event): readonly Lookup[];
  whenFreed(event: Event, draft: Draft): void;
}
