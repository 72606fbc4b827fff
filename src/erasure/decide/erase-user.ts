import {
  type Command,
  type CommandKind,
  erasureLookups,
  type ErasureSource,
  type Erasing,
  eraseUserTickets,
} from '../../bookings/index.js';
import { ERASURES } from './erasures.js';

/** Other commands wait for such a transaction. A user has few documents at one event. */
const LIMIT = 100;

/** A user of one event gets a pseudonym, in a bounded number of documents. */
export interface EraseUserCommand extends Command, Erasing {
  readonly kind: 'eraseUser';
  /** The command's own id, by which a later attempt finds what an earlier one did. */
  readonly batchId: string;
}

export interface ErasedUser {
  /** How many documents this command has changed. */
  readonly replaced: number;
  /** Whether the event has more of the user's documents. */
  readonly hasMore: boolean;
  /** Whether the erasure has ended meanwhile: then this command changes nothing, and its pseudonym is used no more. */
  readonly isOver: boolean;
}

/** The kind of command that erases users from what these features store. */
export function eraseUser(sources: readonly Pick<ErasureSource, 'rule'>[]): CommandKind<EraseUserCommand, ErasedUser> {
  return {
    kind: 'eraseUser',

    lookups: (command, { events }) => [
      { table: ERASURES.name, eventId: command.eventId, by: 'id', value: command.pseudonym },
      ...erasureLookups(events.get(command.eventId), command),
      ...sources.flatMap(({ rule }) => rule.lookups(command, LIMIT)),
    ],

    follow: (command, _known, documents) =>
      sources.flatMap(({ rule }) => rule.follow?.(command, documents, LIMIT) ?? []),

    decide(command, draft) {
      const { eventId, userId, pseudonym, batchId } = command;
      const [erasure, event] = [draft.find(ERASURES, pseudonym), draft.findEvent(eventId)];
      const isOver = erasure?.userId !== userId;
      if (isOver || !event) {
        return { kind: 'done', result: { replaced: 0, hasMore: false, isOver }, isReplay: false };
      }
      if (erasure.last?.id === batchId) {
        const { replaced, hasMore } = erasure.last;
        return { kind: 'done', result: { replaced, hasMore, isOver }, isReplay: false };
      }

      const erased = sources.map(({ rule }) => rule.erase(draft, command, LIMIT));
      const replaced = erased.reduce((sum, { documents }) => sum + documents, 0);
      const tickets = erased.reduce((sum, each) => sum + each.tickets, 0);
      const hasMore = erased.some((each) => each.hasMore);
      const isCounted = eraseUserTickets(draft, event, command, tickets, !hasMore);
      if (replaced > 0 || isCounted) {
        draft.put(ERASURES, { ...erasure, last: { id: batchId, replaced, hasMore } });
        // Commands that have read the user meanwhile conflict; those behind are decided on what this leaves.
        draft.touch(eventId);
      }
      draft.close(eventId);
      return { kind: 'done', result: { replaced, hasMore, isOver }, isReplay: false };
    },
  };
}
