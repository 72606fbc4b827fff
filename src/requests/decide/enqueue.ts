import {
  type Command,
  type CommandKind,
  findItems,
  keyName,
  kindOf,
  type Lookup,
  overloaded,
  type QueuedCommand,
  refuse,
} from '../../bookings/index.js';
import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import { Problem } from '../../common/problem.js';
import { endedUpTo, eventNotFound, queueOf } from '../../events/index.js';
import { type QueuedRequest, REQUESTS } from '../request.js';

/** A wish to wait in the queue of an event. */
export interface EnqueueCommand extends Command {
  readonly kind: 'enqueue';
  /** The id of the request, and of what it makes. */
  readonly requestId: string;
  readonly wanted: QueuedCommand;
}

/** The request, and its place: 1 for the one that is decided next, 0 for one that is decided. */
export interface Enqueued {
  readonly request: QueuedRequest;
  readonly position: number;
}

/** How many requests wait in one queue at most: as many as can be decided in a few minutes. */
const QUEUE_MAX = 500_000;

/** `kinds` are those of the commands that may wait. */
export function enqueue(kinds: ReadonlyMap<string, CommandKind>): CommandKind<EnqueueCommand, Enqueued> {
  return {
    kind: 'enqueue',

    // Those who wait for the queue could keep it from ever being told.
    goesFirst: () => true,

    lookups({ eventId, requestId, wanted }, known): Lookup[] {
      const inRequests = { table: REQUESTS.name, eventId };
      const idempotency = toOwn(wanted);
      const ofKind = idempotency ? kindOf(wanted, kinds).lookups(wanted, known) : [];
      return [
        ...(known.mayHaveCommitted ? [{ ...inRequests, by: 'id', value: requestId }] : []),
        ...(idempotency ? [{ ...inRequests, by: 'key', value: idempotency.key }] : []),
        ...ofKind.filter(({ by }) => by === 'key'),
      ];
    },

    decide({ eventId, requestId, wanted }, draft) {
      const { soldBy, userId } = wanted;
      const idempotency = toOwn(wanted);
      const event = draft.findEvent(eventId);
      const queue = queueOf(event);
      const made =
        draft.find(REQUESTS, requestId) ?? (idempotency && draft.find(REQUESTS, keyName(eventId, idempotency.key)));
      if (made) {
        const isOwn = made.id === requestId;
        if (!isOwn && made.idempotency?.fingerprint !== idempotency?.fingerprint) return refuse(idempotencyKeyReused());
        draft.relyOn(eventId);
        const position = made.status === 'queued' ? made.number - endedUpTo(queue) : 0;
        return { kind: 'done', result: { request: made, position }, isReplay: !isOwn };
      }
      if (!event) return refuse(eventNotFound(eventId));
      // Without the queue, its key may have been used already: then it waits for the answer that was given there.
      const done = kindOf(wanted, kinds).findDone?.(wanted, draft);
      if (done?.kind === 'refused') return done;
      // What can't be had now is refused now. The limit of its user is seen when its turn comes.
      const items = done ? [] : findItems({ ...wanted, ignoreUserLimit: true }, event, draft);
      if (items instanceof Problem) return refuse(items);
      if (queue.waiting >= QUEUE_MAX) return refuse(overloaded());

      const request: QueuedRequest = {
        id: requestId,
        eventId,
        userId,
        number: queue.lastNumber + 1,
        status: 'queued',
        wanted,
        kind: wanted.kind,
        requestedAt: wanted.at,
        endedAt: undefined,
        resultId: undefined,
        problem: undefined,
        failure: undefined,
        isToRetry: undefined,
        idempotency,
        soldBy,
      };
      draft.put(REQUESTS, request);
      draft.changeEvent(eventId, { queue: { lastNumber: request.number, waiting: queue.waiting + 1 } });
      return { kind: 'done', result: { request, position: queue.waiting + 1 }, isReplay: false };
    },
  };
}

/** A key belongs to a route: the same one may name a booking and a hold. */
function toOwn({ kind, idempotency }: QueuedCommand): Idempotency | undefined {
  return idempotency && { ...idempotency, key: `${kind} ${idempotency.key}` };
}
