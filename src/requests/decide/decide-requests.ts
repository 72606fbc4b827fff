import {
  type Command,
  type CommandKind,
  type Draft,
  type Known,
  type Lookup,
  type QueuedCommand,
  refuse,
} from '../../bookings/index.js';
import { type Event, eventNotFound } from '../../events/index.js';
import { type QueuedRequest, REQUESTS } from '../request.js';
import { kindOf } from './kind-of.js';

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
      const { lastNumber, waiting } = events.get(eventId)?.queue ?? { lastNumber: 0, waiting: 0 };
      if (waiting === 0) return [];
      return [{ table: REQUESTS.name, eventId, by: 'after', value: String(lastNumber - waiting), limit }];
    },

    follow({ eventId, limit }, known, documents) {
      const requests = (documents.get(REQUESTS.name) ?? []) as readonly QueuedRequest[];
      return firstOf(requests, eventId, limit).flatMap((wanted) => lookupsOf(wanted, known, kinds));
    },

    decide({ eventId, limit }, draft) {
      const event = draft.findEvent(eventId);
      if (!event) return refuse(eventNotFound(eventId));
      const { lastNumber, waiting } = event.queue ?? { lastNumber: 0, waiting: 0 };
      if (waiting === 0) {
        draft.relyOn(eventId);
        return { kind: 'done', result: { decided: 0, waiting: 0, soldTickets: 0 }, isReplay: false };
      }
      const commands = firstOf(draft.list(REQUESTS), eventId, limit);
      if (!knowsAll(commands, event, draft, kinds)) return undefined;
      let [decided, soldTickets] = [0, 0];
      for (const { request, command } of commands) {
        const tickets = decideOne(request, command, draft, kindOf(command, kinds));
        // More is due at the event than was read: a refusal may be untrue, and none of the others may come first.
        if (tickets === undefined) break;
        decided += 1;
        soldTickets += tickets;
      }
      const left = waiting - decided;
      if (decided > 0) draft.changeEvent(eventId, { queue: { lastNumber, waiting: left } });
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

/** The first requests of the event that wait, in their order. */
function firstOf(requests: readonly QueuedRequest[], eventId: string, limit: number): Turn[] {
  return requests
    .filter((request) => request.eventId === eventId && request.status === 'queued')
    .sort((one, other) => one.number - other.number)
    .slice(0, limit)
    .flatMap((request) => {
      return request.wanted ? [{ request, command: { ...request.wanted, isFirstInQueue: true } }] : [];
    });
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
