import { type Command, type CommandKind, type Lookup, refuse } from '../../bookings/index.js';
import { endedUpTo, eventNotFound } from '../../events/index.js';
import { type QueuedRequest, REQUESTS } from '../request.js';
import { requestNotFound } from '../requests.problems.js';

/** Takes the first request out of the queue that can't be carried out, however often it is tried. */
export interface FailRequestCommand extends Command {
  readonly kind: 'failRequest';
  readonly requestId: string;
  /** Why it can't be. */
  readonly failure: string;
}

/** Puts a failed request into the queue again, as the last one: it has lost its place. */
export interface RetryRequestCommand extends Command {
  readonly kind: 'retryRequest';
  readonly requestId: string;
}

type About = FailRequestCommand | RetryRequestCommand;

function lookups({ eventId, requestId }: About): Lookup[] {
  return [{ table: REQUESTS.name, eventId, by: 'id', value: requestId }];
}

export const failRequest: CommandKind<FailRequestCommand, QueuedRequest> = {
  kind: 'failRequest',
  goesFirst: () => true,
  lookups,

  decide({ eventId, requestId, failure }, draft) {
    const [event, request] = [draft.findEvent(eventId), draft.find(REQUESTS, requestId)];
    if (!event?.queue) return refuse(eventNotFound(eventId));
    if (!request) return refuse(requestNotFound(requestId));
    const { lastNumber, waiting } = event.queue;
    const isFirst = request.number === endedUpTo(event.queue) + 1;
    draft.relyOn(eventId);
    if (request.status !== 'queued' || !isFirst) return { kind: 'done', result: request, isReplay: true };
    const failed: QueuedRequest = { ...request, status: 'failed', endedAt: draft.now, failure };
    draft.put(REQUESTS, failed);
    draft.changeEvent(eventId, { queue: { lastNumber, waiting: waiting - 1 } });
    return { kind: 'done', result: failed, isReplay: false };
  },
};

export const retryRequest: CommandKind<RetryRequestCommand, QueuedRequest> = {
  kind: 'retryRequest',
  goesFirst: () => true,
  lookups,

  decide({ eventId, requestId }, draft) {
    const [event, request] = [draft.findEvent(eventId), draft.find(REQUESTS, requestId)];
    if (!event?.queue) return refuse(eventNotFound(eventId));
    if (!request) return refuse(requestNotFound(requestId));
    draft.relyOn(eventId);
    if (request.status !== 'failed') return { kind: 'done', result: request, isReplay: true };
    const { lastNumber, waiting } = event.queue;
    const queued: QueuedRequest = {
      ...request,
      number: lastNumber + 1,
      status: 'queued',
      endedAt: undefined,
      failure: undefined,
      isToRetry: undefined,
    };
    draft.put(REQUESTS, queued);
    draft.changeEvent(eventId, { queue: { lastNumber: queued.number, waiting: waiting + 1 } });
    return { kind: 'done', result: queued, isReplay: false };
  },
};
