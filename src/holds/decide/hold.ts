import {
  type Command,
  type CommandKind,
  type Draft,
  findItems,
  keyName,
  type Lookup,
  type Outcome,
  quantityOf,
  refuse,
  userTicketsLookup,
  waitForQueue,
  type Wish,
} from '../../bookings/index.js';
import { type Idempotency, idempotencyKeyReused } from '../../common/idempotency.js';
import { Problem } from '../../common/problem.js';
import { eventNotFound } from '../../events/index.js';
import { asHeld, type Hold, HOLDS } from '../hold.js';
import { tooManyHolds } from '../holds.problems.js';
import { followHolder } from './about-hold.js';
import { startHold } from './hold-moves.js';

/** A wish to keep tickets for a while. Its id is decided before the first try, as a booking's is. */
export interface HoldCommand extends Command, Wish {
  readonly kind: 'hold';
  readonly holdId: string;
  readonly ttlSeconds: number;
  readonly maxHoldsPerUser: number;
  readonly reference: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The API key that it is made with, by id. */
  readonly soldBy: string | undefined;
}

export const hold: CommandKind<HoldCommand, Hold> = {
  kind: 'hold',

  lookups({ eventId, holdId, userId, idempotency }, { events, mayHaveCommitted }): Lookup[] {
    const inHolds = { table: HOLDS.name, eventId };
    return [
      ...(mayHaveCommitted ? [{ ...inHolds, by: 'id', value: holdId }] : []),
      ...(idempotency ? [{ ...inHolds, by: 'key', value: idempotency.key }] : []),
      { ...inHolds, by: 'user', value: userId },
      ...userTicketsLookup(events.get(eventId), userId),
    ];
  },

  follow: followHolder,

  findDone,

  decide(command, draft) {
    const { holdId, eventId, idempotency } = command;
    const done = findDone(command, draft);
    if (done) return done;
    const event = draft.findEvent(eventId);
    if (!event) return refuse(eventNotFound(eventId));
    const behind = waitForQueue(command, event, draft);
    if (behind) return behind;
    const items = findItems(command, event, draft);
    if (items instanceof Problem) return refuse(items);
    if (countHolds(command, draft) >= command.maxHoldsPerUser) return refuse(tooManyHolds(command.maxHoldsPerUser));

    // Its time counts from here: a wait in the queue does not shorten it.
    const expiresAt = draft.now + command.ttlSeconds * 1_000;
    const held: Hold = {
      id: holdId,
      eventId,
      userId: command.userId,
      items,
      quantity: quantityOf(items),
      status: 'active',
      createdAt: draft.now,
      ttlSeconds: command.ttlSeconds,
      expiresAt,
      reference: command.reference,
      metadata: command.metadata,
      idempotency,
      soldBy: command.soldBy,
      settlements: [],
      isOffer: false,
    };
    startHold(draft, event, held);
    return { kind: 'done', result: held, isReplay: false };
  },
};

function findDone(command: HoldCommand, draft: Draft): Outcome<Hold> | undefined {
  const { holdId, eventId, idempotency } = command;
  const made = draft.find(HOLDS, holdId) ?? (idempotency && draft.find(HOLDS, keyName(eventId, idempotency.key)));
  return made && replay(command, made);
}

/** The answer that was given, or should have been, when `made` was made. */
function replay({ holdId, idempotency }: HoldCommand, made: Hold): Outcome<Hold> {
  if (made.id !== holdId && made.idempotency?.fingerprint !== idempotency?.fingerprint) {
    return refuse(idempotencyKeyReused());
  }
  return { kind: 'done', result: asHeld(made), isReplay: made.id !== holdId };
}

function countHolds({ eventId, userId }: HoldCommand, draft: Draft): number {
  return draft
    .list(HOLDS)
    .filter((other) => other.status === 'active' && other.eventId === eventId && other.userId === userId).length;
}
