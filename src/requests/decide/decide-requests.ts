import {
  type Command,
  type CommandKind,
  type Draft,
  kindOf,
  type Known,
  type Lookup,
  type QueuedCommand,
  refuse,
} from '../../bookings/index.js';
import { endedUpTo, type Event, eventNotFound, type Queue, queueOf } from '../../events/index.js';
import { type QueuedRequest, REQUESTS } from '../request.js';

/** Decides the first requests in the queue of an event, each by itself, in their order. */
export interface DecideRequestsCommand extends Command {
  readonly kind: 'decideRequests';
  /** How many at most. */
  readonly limit: number;
}

export interface DecidedRequests {
  /** How many were decided. */
  readonly decided: number;
  /** How many wait still. */
  readonly waiting: number;
  readonly soldTickets: number;
}

/** `kinds` are those of the commands that the requests want to be carried out. */
export function decideRequests(
  kinds: ReadonlyMap<string, CommandKind>,
): CommandKind<DecideRequestsCommand, DecidedRequests> {
  return {
    kind: 'decideRequests',

    // Others wait for it.
    goesFirst: () => true,

    lookups({ eventId, limit }, { events }): Lookup[] {
      const queue = queueOf(events.get(eventId));
      if (queue.waiting === 0) return [];
      return [{ table: REQUESTS.name, eventId, by: 'after', value: String(endedUpTo(queue)), limit }];
    },

    follow({ eventId, limit }, known, documents) {
      const after = endedUpTo(queueOf(known.events.get(eventId)));
      const requests = (documents.get(REQUESTS.name) ?? []) as readonly QueuedRequest[];
      return turnsOf(requests, eventId, after, after + limit).flatMap((turn) => lookupsOf(turn, known, kinds));
    },

    decide({ eventId, limit }, draft) {
      const event = draft.findEvent(eventId);
      if (!event) return refuse(eventNotFound(eventId));
      const queue = queueOf(event);
      const { lastNumber, waiting } = queue;
      if (waiting === 0) {
        draft.relyOn(eventId);
        return { kind: 'done', result: { decided: 0, waiting: 0, soldTickets: 0 }, isReplay: false };
      }
      // Of others, and of those that this transaction queues, not all was read that has to be known.
      const asRead = queueOf(draft.eventAsRead(eventId));
      const gap = findGap(draft.listRead(REQUESTS), eventId, asRead);
      if (gap > 0 && endedUpTo(queue) === endedUpTo(asRead)) {
        draft.changeEvent(eventId, { queue: { lastNumber, waiting: waiting - gap } });
        return { kind: 'done', result: { decided: 0, waiting: waiting - gap, soldTickets: 0 }, isReplay: false };
      }
      const last = Math.min(endedUpTo(asRead) + limit, asRead.lastNumber);
      const turns = turnsOf(draft.list(REQUESTS), eventId, endedUpTo(queue), last);
      if (!knowsAll(turns, event, draft, kinds)) return undefined;
      let [decided, soldTickets] = [0, 0];
      for (const { request, command } of turns) {
        const tickets = decideOne(request, command, draft, kindOf(command, kinds));
        // More is due at the event than was read: a refusal may be untrue, and none of the others may come first.
        if (tickets === undefined) break;
        decided += 1;
        soldTickets += tickets;
      }
      const left = waiting - decided;
      if (decided > 0) draft.changeEvent(eventId, { queue: { lastNumber, waiting: left } });
      else draft.relyOn(eventId);
      return { kind: 'done', result: { decided, waiting: left, soldTickets }, isReplay: false };
    },

    soldTickets: ({ soldTickets }) => soldTickets,
  };
}

/** Decides one request. Returns how many tickets it has sold; undefined where it can't be decided yet. */
function decideOne(
  request: QueuedRequest,
  command: QueuedCommand,
  draft: Draft,
  kind: CommandKind,
): number | undefined {
  const outcome = kind.decide(command, draft);
  if (outcome?.kind === 'done') {
    const { id } = outcome.result as { readonly id: string };
    end(request, draft, { status: 'done', resultId: id });
    return outcome.isReplay ? 0 : (kind.soldTickets?.(outcome.result) ?? 0);
  }
  if (outcome?.kind !== 'refused' || draft.isBehind(request.eventId)) return undefined;
  // As for any refusal, a committed read has to confirm what the event says.
  draft.relyOn(request.eventId);
  end(request, draft, { status: 'refused', problem: outcome.problem });
  return 0;
}

function end(request: QueuedRequest, draft: Draft, ended: Partial<QueuedRequest>): void {
  draft.put(REQUESTS, { ...request, wanted: undefined, endedAt: draft.now, ...ended });
}

interface Turn {
  readonly request: QueuedRequest;
  readonly command: QueuedCommand;
}

function waitingOf(requests: readonly QueuedRequest[], eventId: string): QueuedRequest[] {
  return requests.filter((request) => request.eventId === eventId && request.status === 'queued');
}

/** How many of the numbers that are next name no request that waits: somebody has deleted it, or brought an old state back. */
function findGap(requests: readonly QueuedRequest[], eventId: string, queue: Queue): number {
  const after = endedUpTo(queue);
  const numbers = waitingOf(requests, eventId).map(({ number }) => number);
  return Math.min(queue.lastNumber + 1, ...numbers.filter((number) => number > after)) - after - 1;
}

/** The requests of the event after one number and up to another, in their order; without those behind one that was not read. */
function turnsOf(requests: readonly QueuedRequest[], eventId: string, after: number, last: number): Turn[] {
  const byNumber = new Map(waitingOf(requests, eventId).map((request) => [request.number, request]));
  const turns: Turn[] = [];
  for (let number = after + 1; number <= last; number += 1) {
    const request = byNumber.get(number);
    if (!request?.wanted) break;
    turns.push({ request, command: { ...request.wanted, isFirstInQueue: true } });
  }
  return turns;
}

/** Its booking may be there already: a request with its key may have made it. */
function lookupsOf({ command }: Turn, { events }: Pick<Known, 'events'>, kinds: ReadonlyMap<string, CommandKind>) {
  return kindOf(command, kinds).lookups(command, { events, mayHaveCommitted: true });
}

/** Whether all was read that the commands want to be read because of what was read; asks for the rest. */
function knowsAll(
  commands: readonly Turn[],
  event: Event,
  draft: Draft,
  kinds: ReadonlyMap<string, CommandKind>,
): boolean {
  const known: Known = { events: new Map([[event.id, event]]), mayHaveCommitted: true };
  for (const { command } of commands) {
    const lookups = kindOf(command, kinds).follow?.(command, known, draft.documents) ?? [];
    for (const lookup of lookups) draft.ask(lookup);
  }
  return draft.asks.length === 0;
}
