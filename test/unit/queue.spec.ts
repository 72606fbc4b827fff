import { describe, expect, it } from '@jest/globals';
import type { BookCommand } from '../../src/bookings/decide/book.js';
import type { CancelCommand } from '../../src/bookings/decide/cancel.js';
import type { Command, Decision } from '../../src/bookings/decide/command.js';
import type { Enqueued, EnqueueCommand } from '../../src/requests/decide/enqueue.js';
import type { DecidedRequests, DecideRequestsCommand } from '../../src/requests/decide/decide-requests.js';
import type { FailRequestCommand } from '../../src/requests/decide/fail-request.js';
import { aBooking, aCancellation, anEvent, counts, EVENT_ID, idOf } from '../support/factories.js';
import { randomFrom } from '../support/random.js';
import { WaitlistWorld } from '../support/waitlist-world.js';

const LIMIT = 3;

/** The queue as anybody would write it: everybody in order, one after the other. */
class Naive {
  readonly outcomes = new Map<string, string>();
  readonly queue: { id: string; userId: string; quantity: number }[] = [];
  private readonly tickets = new Map<string, number>();

  constructor(private available: number) {}

  enqueue(id: string, userId: string, quantity: number): string {
    if (quantity > this.available) return this.available === 0 ? 'sold_out' : 'not_enough_tickets';
    this.queue.push({ id, userId, quantity });
    return 'queued';
  }

  /** Decides one after the other: at most `limit`. */
  decide(limit: number): void {
    for (const { id, userId, quantity } of this.queue.splice(0, limit)) {
      this.outcomes.set(id, this.book(userId, quantity));
    }
  }

  book(userId: string, quantity: number): string {
    const had = this.tickets.get(userId) ?? 0;
    if (quantity > this.available) return this.available === 0 ? 'sold_out' : 'not_enough_tickets';
    if (had + quantity > LIMIT) return 'user_limit_reached';
    this.available -= quantity;
    this.tickets.set(userId, had + quantity);
    return 'done';
  }

  cancel(userId: string, quantity: number): void {
    this.available += quantity;
    this.tickets.set(userId, (this.tickets.get(userId) ?? 0) - quantity);
  }

  get left(): number {
    return this.available;
  }
}

function enqueuing(number: number, userId: string, quantity: number): EnqueueCommand {
  const wanted = { ...aBooking(idOf(number), quantity), userId };
  return { kind: 'enqueue', eventId: EVENT_ID, requestId: idOf(number), wanted };
}

function deciding(limit: number): DecideRequestsCommand {
  return { kind: 'decideRequests', eventId: EVENT_ID, limit };
}

function codeOf(outcome: Decision): string {
  if (outcome?.kind === 'refused' || outcome?.kind === 'postponed') return outcome.problem.code;
  return outcome?.kind ?? 'undefined';
}

describe('the queue of an event', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'decides as everybody in order, one after the other, would be decided (seed %i)',
    (seed) => {
      const random = randomFrom(seed);
      const upTo = (most: number) => 1 + Math.floor(random() * most);
      const capacity = 4 + upTo(20);
      const world = new WaitlistWorld(
        anEvent({ ...counts(capacity), maxTicketsPerUser: LIMIT, countsUserTickets: true }),
      );
      const naive = new Naive(capacity);
      const bookings: { id: string; userId: string; quantity: number }[] = [];
      let number = 0;
      for (let step = 0; step < 60; step += 1) {
        // Several commands in one transaction, in any order.
        const commands: Command[] = [];
        const expected: (string | undefined)[] = [];
        const waitedBefore = naive.queue.length;
        let decided = 0;
        for (let count = upTo(4); count > 0; count -= 1) {
          const [userId, quantity] = [`user${upTo(6)}`, upTo(3)];
          const kind = random();
          if (kind < 0.45) {
            number += 1;
            commands.push(enqueuing(number, userId, quantity));
            expected.push(naive.enqueue(idOf(number), userId, quantity));
          } else if (kind < 0.75) {
            const limit = upTo(4);
            commands.push(deciding(limit));
            // Only those that were there before: the others were not read.
            const most = Math.max(0, Math.min(limit, waitedBefore) - decided);
            naive.decide(most);
            decided += most;
            expected.push('decided');
          } else if (kind < 0.9) {
            number += 1;
            const booking: BookCommand = { ...aBooking(idOf(number), quantity), userId };
            commands.push(booking);
            const isBehind = waitedBefore - decided > 0;
            const outcome = isBehind ? 'queued_ahead' : naive.book(userId, quantity);
            if (outcome === 'done') bookings.push({ id: idOf(number), userId, quantity });
            expected.push(outcome);
          } else if (bookings.length > 0) {
            const [given] = bookings.splice(Math.floor(random() * bookings.length), 1);
            const { id, userId: giver, quantity: given_ } = given!;
            if (!world.bookings.has(id)) {
              bookings.push(given!);
              continue;
            }
            number += 1;
            const cancellation: CancelCommand = {
              ...aCancellation(id),
              userId: giver,
              changeId: idOf(1_000_000 + number),
            };
            commands.push(cancellation);
            naive.cancel(giver, given_);
            expected.push('cancelled');
          }
        }
        if (commands.length === 0) continue;
        const outcomes = world.commit(...commands);
        const told = outcomes.map((outcome, index) => {
          const { kind } = commands[index]!;
          if (outcome?.kind !== 'done') return codeOf(outcome);
          if (kind === 'enqueue') return (outcome.result as Enqueued).request.status;
          if (kind === 'decideRequests') return (outcome.result as DecidedRequests).decided >= 0 ? 'decided' : '';
          return kind === 'cancel' ? 'cancelled' : 'done';
        });
        expect([seed, step, told]).toEqual([seed, step, expected]);
        expect(world.event.availableTickets).toBe(naive.left);
        expect(world.event.queue?.waiting ?? 0).toBe(naive.queue.length);
      }
      while (naive.queue.length > 0) {
        naive.decide(5);
        world.commit(deciding(5));
      }
      for (const [id, outcome] of naive.outcomes) {
        const { status, problem } = world.requests.get(id)!;
        expect([id, problem?.code ?? status]).toEqual([id, outcome]);
      }
      expect(world.event.availableTickets).toBe(naive.left);
    },
  );

  it('decides nobody of whom not all was read that has to be known, and nobody out of turn', () => {
    const world = new WaitlistWorld(anEvent({ ...counts(10), maxTicketsPerUser: 2, countsUserTickets: true }));
    const keyed = (number: number, userId: string) => {
      const command = enqueuing(number, userId, 1);
      return { ...command, wanted: { ...command.wanted, idempotency: { key: `key${number}`, fingerprint: 'same' } } };
    };
    for (let number = 1; number <= 5; number += 1) world.commit(keyed(number, `user${number}`));
    // The last one is read because of its key; two of the others are decided, by two commands of one each.
    const outcomes = world.commit(deciding(1), keyed(5, 'user5'), deciding(1), enqueuing(6, 'user6', 1), deciding(1));
    const decided = outcomes.flatMap((each) => {
      const result = each?.kind === 'done' ? (each.result as Partial<DecidedRequests>) : {};
      return result.decided ?? [];
    });
    expect(decided).toEqual([1, 0, 0]);
    const statuses = [...world.requests.values()].map(({ status }) => status);
    expect(statuses).toEqual(['done', 'queued', 'queued', 'queued', 'queued', 'queued']);
  });

  it('goes on behind requests that somebody has deleted', () => {
    const world = new WaitlistWorld(anEvent(counts(10)));
    for (let number = 1; number <= 4; number += 1) world.commit(enqueuing(number, `user${number}`, 1));
    for (const number of [1, 2, 4]) world.requests.delete(idOf(number));
    for (let turn = 0; turn < 3; turn += 1) world.commit(deciding(2));
    expect(world.requests.get(idOf(3))!.status).toBe('done');
    expect(world.event).toMatchObject({ availableTickets: 9, queue: { lastNumber: 4, waiting: 0 } });
  });

  it('goes on behind one that has failed, which may only be the first', () => {
    const world = new WaitlistWorld(anEvent(counts(10)));
    for (let number = 1; number <= 3; number += 1) world.commit(enqueuing(number, `user${number}`, 1));
    const failing = (number: number): FailRequestCommand => {
      return { kind: 'failRequest', eventId: EVENT_ID, requestId: idOf(number), failure: 'bad' };
    };
    world.commit(failing(2));
    expect(world.requests.get(idOf(2))!.status).toBe('queued');
    world.commit(failing(1));
    world.commit(deciding(5));
    expect([...world.requests.values()].map(({ status }) => status)).toEqual(['failed', 'done', 'done']);
    expect(world.event).toMatchObject({ availableTickets: 8, queue: { lastNumber: 3, waiting: 0 } });
  });
});
