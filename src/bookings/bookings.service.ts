import { Injectable } from '@nestjs/common';
import { decodeCursor, type Page, toPage } from '../common/page.js';
import { assert } from '../common/assert.js';
import { primed } from '../common/primed.js';
import { applyMovement, type Event, TicketInventoryRepository } from '../events/index.js';
import { Transactions, type Tx } from '../platform/database/index.js';
import type { Booking } from './booking.js';
import { BookingCommands, type BookingRequest } from './booking-commands.js';
import { BookingLane } from './booking-lane.js';
import { type Command, type Outcome, type Plan, planBookings } from './booking-planner.js';
import { bookingNotFound } from './bookings.problems.js';
import { type BookingFilter, BookingsRepository } from './bookings.repository.js';
import { RecentEvents } from './recent-events.js';

@Injectable()
export class BookingsService {
  private readonly recentEvents = new RecentEvents();

  constructor(
    private readonly commands: BookingCommands,
    private readonly lane: BookingLane,
    private readonly transactions: Transactions,
    private readonly inventory: TicketInventoryRepository,
    private readonly bookings: BookingsRepository,
  ) {}

  /**
   * The booking, committed. Throws the problem that refuses it, which rests on a committed read;
   * `overloaded` or `database_unavailable` when nothing was changed, and `outcome_unknown` when that is not known.
   */
  book(request: BookingRequest): Promise<Booking> {
    return this.execute(this.commands.book(request));
  }

  /** The booking, cancelled, its tickets returned exactly once. Throws as `book` does. */
  async cancel(id: string): Promise<Booking> {
    const booking = await this.get(id);
    return this.execute(this.commands.cancel(booking.id, booking.eventId));
  }

  /** Throws `booking_not_found`. */
  async get(id: string): Promise<Booking> {
    const booking = await this.bookings.findById(id);
    if (!booking) throw bookingNotFound(id);
    return booking;
  }

  /** Newest first. Throws `validation_failed` for a cursor of another list. */
  async list(filter: BookingFilter, limit: number, cursor: string | undefined): Promise<Page<Booking>> {
    const named = new URLSearchParams({ event: filter.eventId ?? '', user: filter.userId ?? '' });
    const list = `bookings?${named.toString()}`;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, list);
    const read = await this.bookings.list(filter, after, limit + 1);
    return toPage(read, limit, list, (booking) => ({ at: booking.bookedAt, id: booking.id }));
  }

  /** All of them, newest first, read as they are taken. */
  all(filter: BookingFilter): Promise<AsyncIterable<Booking>> {
    return primed(this.bookings.all(filter));
  }

  private async execute(command: Command): Promise<Booking> {
    const [outcome] = await this.lane.run(command.eventId, (deadline) => this.commit([command], deadline));
    assert(outcome, 'the plan has an outcome for every command');
    if (outcome.kind === 'refused') throw outcome.problem;
    return outcome.booking;
  }

  /** The transaction: what is decided, the bookings and the tickets that they take become true together, or not at all. */
  private async commit(commands: readonly Command[], deadline: number): Promise<readonly Outcome[]> {
    const committed = await this.transactions.run(deadline, async (tx) => {
      const plan = await this.plan(tx, commands);
      await this.bookings.insert(tx, plan.newBookings);
      await this.bookings.cancel(tx, plan.cancelledBookings);
      await this.inventory.move(tx, plan.movements);
      return plan;
    });
    this.recentEvents.keep(eventsAfter(committed));
    return committed.outcomes;
  }

  private async plan(tx: Tx, commands: readonly Command[]): Promise<Plan> {
    const isRerun = tx.attempt > 1;
    const eventIds = [...new Set(commands.map((command) => command.eventId))];
    if (isRerun) this.recentEvents.distrust(eventIds);
    // The id of a new booking is new: only a rerun can find it, made by the run before (see Tx.attempt).
    const named = commands.filter((command) => isRerun || command.kind !== 'book');
    const bookings = await this.bookings.read(
      tx,
      named.map((command) => command.bookingId),
    );
    const decideOn = (events: ReadonlyMap<string, Event>) => planBookings(commands, { events, bookings }, isRerun);
    const recent = this.recentEvents.find(eventIds);
    if (recent) {
      const guess = decideOn(recent);
      if (guess.outcomes.every((outcome) => outcome.kind === 'done')) return guess;
      // It looks sold out. A majority read may say so, and then there is nothing to commit.
      const refusal = decideOn(await this.inventory.readCommitted(eventIds));
      if (refusal.outcomes.every((outcome) => outcome.kind === 'refused')) return refusal;
    }
    return decideOn(await this.inventory.read(tx, eventIds));
  }
}

/** The events that a plan has written, as they are then. */
function eventsAfter({ events, movements }: Plan): Event[] {
  return movements.flatMap((movement) => {
    const event = events.get(movement.eventId);
    return event ? [applyMovement(event, movement)] : [];
  });
}
