import { type Booking } from '../../../src/bookings/booking.js';
import { within } from '../../../src/bookings/decide/table.js';
import type { Plan } from '../../../src/bookings/decide/planner.js';
import type { Event } from '../../../src/events/event.js';
import { changeCommit, changePlan, findNoKeys, forgetDoubts, merged, onlyMoving, pooled } from './changes.js';
import type { FaultKind } from './faults.js';
import type { SimulatedSession } from './simulated-database.js';
import type { Parts } from './simulated-process.js';
import { covers } from './simulated-inventory.js';
import { bookingsIn } from './simulated-store.js';
import {
  type Story,
  STORY_OF_THE_COMMIT_IN_FLIGHT,
  STORY_OF_THE_LOST_ANSWER,
  STORY_OF_THE_REPETITION,
} from './stories.js';

/** A mistake that somebody could make, and what the model says about it. */
export interface PlantedBug {
  readonly name: string;
  readonly causes: FaultKind;
  /** Where chance would take too long to find it. */
  readonly story?: Story;
  /** Found only where processes send each other commands. */
  readonly isRouted?: boolean;
  readonly plant: (parts: Parts) => void;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'the guard is dropped from the update',
    causes: 'sold against the rules',
    plant: ({ inventory }) => (inventory.guard = () => true),
  },
  {
    name: 'a section is covered by the whole event',
    causes: 'sold against the rules',
    plant: ({ inventory }) => {
      const read = inventory.read.bind(inventory);
      inventory.read = async (...args) => new Map([...(await read(...args))].map(([id, event]) => [id, pooled(event)]));
      inventory.guard = (event, { revision }) => event.revision === revision;
    },
  },
  {
    name: 'the first writer does not win',
    causes: 'unbalanced books',
    plant: ({ store }) => {
      const locks = store as unknown as { lock(transaction: { locks: Set<string> }, document: string): void };
      locks.lock = (transaction, document) => void transaction.locks.add(document);
    },
  },
  {
    name: 'sums are made for each request instead of for the batch',
    // The guard, and the filter of the user's count, notice it.
    causes: 'broken process',
    plant: ({ service }) => {
      changePlan(service, async (plan, commands) => {
        const plans: Plan[] = [];
        for (const command of commands) plans.push(await plan([command]));
        return merged(plans);
      });
    },
  },
  {
    name: "a user's tickets are counted once and remembered",
    causes: 'sold against the rules',
    plant: ({ userTickets }) => {
      const read = userTickets.read.bind(userTickets);
      const known = new Map<string, number>();
      userTickets.update = () => Promise.resolve();
      userTickets.read = async (tx, lookups) =>
        (await read(tx, lookups)).map((count) => {
          const user = within(count.eventId, count.userId);
          if (!known.has(user)) known.set(user, count.tickets);
          return { ...count, tickets: known.get(user)! };
        });
    },
  },
  {
    name: "a user's tickets are not counted with what is booked",
    causes: 'unbalanced books',
    plant: ({ userTickets }) => {
      const update = userTickets.update.bind(userTickets);
      userTickets.update = (tx, changes) =>
        update(
          tx,
          changes.filter(({ before }) => !before.isStored),
        );
    },
  },
  {
    name: 'the terms of sale are not in the guard',
    causes: 'sold against the rules',
    plant: ({ inventory }) => (inventory.guard = covers),
  },
  {
    name: 'a refusal is confirmed by the revision alone',
    causes: 'untrue refusal',
    plant: ({ memory }) => {
      memory.events.areStill = (remembered, eventIds, committed) =>
        eventIds.every((id) => committed.get(id)?.revision === remembered.get(id)?.revision);
    },
  },
  {
    name: 'a duplicate key is swallowed',
    causes: 'unbalanced books',
    plant: ({ bookings, store }) => {
      findNoKeys(bookings);
      const insert = bookings.insert.bind(bookings);
      const isTwin = (one: Booking, other: Booking) =>
        one.eventId === other.eventId &&
        one.idempotency !== undefined &&
        one.idempotency.key === other.idempotency?.key;
      bookings.insert = (tx, made) => {
        const stored = [...bookingsIn(store.latest).values()];
        const isNew = (booking: Booking) => !stored.some((other) => isTwin(booking, other));
        return insert(tx, made.filter(isNew));
      };
    },
  },
  {
    name: 'keys are neither looked up nor unique',
    causes: 'sold against the rules',
    plant: ({ bookings }) => {
      findNoKeys(bookings);
      const insert = bookings.insert.bind(bookings);
      bookings.insert = (tx, made) =>
        insert(
          tx,
          made.map((booking) => ({ ...booking, idempotency: undefined })),
        );
    },
  },
  {
    name: 'the fingerprint of a request is not compared',
    causes: 'untrue replay',
    plant: ({ commands }) => {
      const book = commands.book.bind(commands);
      commands.book = (request, soldBy) => {
        const command = book(request, soldBy);
        return { ...command, idempotency: command.idempotency && { ...command.idempotency, fingerprint: '' } };
      };
    },
  },
  {
    name: 'after a commit, what it may have done is not looked up',
    causes: 'denied, but done',
    story: STORY_OF_THE_LOST_ANSWER,
    plant: ({ bookings }) => {
      const read = bookings.read.bind(bookings);
      bookings.read = (tx, lookups) =>
        read(
          tx,
          lookups.filter(({ by }) => !tx.attempt.mayHaveCommitted || by !== 'id'),
        );
    },
  },
  {
    name: 'that a commit was sent is forgotten',
    causes: 'denied, but done',
    story: STORY_OF_THE_LOST_ANSWER,
    plant: (parts) => {
      const { commit } = parts;
      parts.commit = (commands, attempt) => commit(commands, { ...attempt, mayHaveCommitted: false });
      forgetDoubts(parts);
    },
  },
  {
    name: 'an event with a commit that may still come true is decided on as if it could not',
    causes: 'denied, but done',
    story: STORY_OF_THE_REPETITION,
    plant: forgetDoubts,
  },
  {
    name: 'after a commit, events where nothing moves are not written',
    causes: 'denied, but done',
    story: STORY_OF_THE_COMMIT_IN_FLIGHT,
    plant: ({ service }) => changePlan(service, async (plan, commands) => onlyMoving(await plan(commands))),
  },
  {
    name: 'a commit that was said to have failed counts as done',
    causes: 'acknowledged, not done',
    plant: (parts) => changeCommit(parts, (commit) => commit().catch(() => undefined)),
  },
  {
    name: 'callers are answered before the commit',
    causes: 'acknowledged before it was done',
    plant: (parts) =>
      changeCommit(parts, (commit) => {
        void commit().catch(() => undefined);
        return Promise.resolve();
      }),
  },
  {
    name: 'a commit is sent although its deadline has passed',
    causes: 'denied, but done',
    plant: ({ transactions }) => {
      type Send = (session: SimulatedSession, progress: { commitSent: boolean; expired: boolean }) => Promise<boolean>;
      const sender = transactions as unknown as { commit: Send };
      const commit = sender.commit.bind(sender);
      sender.commit = (session, progress) => commit(session, { ...progress, expired: false });
    },
  },
  {
    name: 'a refusal rests on memory',
    causes: 'untrue refusal',
    plant: ({ inventory, memory }) => {
      const { recent } = memory.events as unknown as { recent: Map<string, { event: Event }> };
      inventory.readCommitted = (ids) => Promise.resolve(new Map(ids.map((id) => [id, recent.get(id)!.event])));
    },
  },
  {
    name: 'tickets come back with every cancellation of the same booking',
    causes: 'cancelled twice',
    plant: ({ bookings }) => {
      const read = bookings.read.bind(bookings);
      bookings.read = async (...args) => (await read(...args)).map((booking) => ({ ...booking, status: 'confirmed' }));
      const update = bookings.update.bind(bookings);
      bookings.update = (tx, changes) => update(tx, changes).catch(() => undefined);
    },
  },
];
