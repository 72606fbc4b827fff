import { describe, expect, it } from '@jest/globals';
import type { BookCommand } from '../../src/bookings/decide/book.js';
import type { EditEventCommand } from '../../src/event-edits/decide/edit-event.js';
import type { EventPatch } from '../../src/event-edits/decide/event-patch.js';
import type { Event } from '../../src/events/index.js';
import type { JoinCommand } from '../../src/waitlist/decide/join.js';
import type { LeaveCommand } from '../../src/waitlist/decide/leave.js';
import { type Entry, statusOf } from '../../src/waitlist/entry.js';
import {
  aBooking,
  aCancellation,
  aConfirmation,
  anEvent,
  anEventWith,
  aSection,
  counts,
  EVENT_ID,
  idOf,
  NOW,
  storedBooking,
  storedHold,
} from '../support/factories.js';
import { WaitlistWorld } from '../support/waitlist-world.js';

const [SOLD, EDIT] = [idOf(900_001), idOf(900_002)];

function entry(number: number, fields: Partial<Entry> = {}): Entry {
  return {
    id: idOf(number),
    eventId: EVENT_ID,
    userId: `user${number}`,
    quantity: 1,
    sectionId: undefined,
    number,
    status: 'waiting',
    joinedAt: NOW,
    offeredAt: undefined,
    offerExpiresAt: undefined,
    idempotency: undefined,
    soldBy: undefined,
    ...fields,
  };
}

/** A world with these entries, and a booking of all tickets of an event of one pool. */
function worldOf(entries: readonly Entry[], sold: number, fields: Partial<Event> = {}): WaitlistWorld {
  const waitlist = { lastNumber: entries.length, waiting: entries.length, endedUpTo: 0, reserved: [] };
  const world = new WaitlistWorld(anEvent({ ...counts(0, sold), waitlist, ...fields }));
  for (const each of entries) world.entries.set(each.id, each);
  world.bookings.set(SOLD, storedBooking(SOLD, [{ sectionId: undefined, quantity: sold }]));
  return world;
}

function edit(patch: EventPatch): EditEventCommand {
  return { kind: 'editEvent', eventId: EVENT_ID, editId: EDIT, versions: undefined, patch, by: undefined, at: NOW };
}

function joining(number: number, quantity: number): JoinCommand {
  const command = { kind: 'joinWaitlist', eventId: EVENT_ID, entryId: idOf(number), userId: `user${number}` } as const;
  return {
    ...command,
    quantity,
    sectionId: undefined,
    idempotency: undefined,
    soldBy: undefined,
    sees: undefined,
    at: NOW,
  };
}

function returning(quantity: number) {
  return { ...aCancellation(SOLD), lines: [{ sectionId: undefined, quantity }], changeId: idOf(0xc0 + quantity) };
}

/** How many transactions it takes until nothing is due. */
function transactionsToSettle(world: WaitlistWorld): number {
  let transactions = 1;
  while (!world.commit({ kind: 'settleHolds', eventId: EVENT_ID })[0]) transactions += 1;
  return transactions;
}

describe('a waitlist', () => {
  it('walks past two thousand who can have no more, in few transactions', () => {
    const blocked = Array.from({ length: 2_000 }, (_, index) => entry(index + 1, { userId: 'hoarder' }));
    const limited = { maxTicketsPerUser: 4, countsUserTickets: true };
    const world = worldOf([...blocked, entry(2_001)], 1, limited);
    world.userTickets.set('hoarder', 4);
    world.commit(aCancellation(SOLD));
    expect(transactionsToSettle(world)).toBeLessThan(12);
    expect(world.entries.get(idOf(2_001))?.status).toBe('offered');
  });

  it('reads nobody who wants more than one user may have', () => {
    const greedy = Array.from({ length: 500 }, (_, index) => entry(index + 1, { quantity: 4 }));
    const world = worldOf(greedy, 4, { maxTicketsPerUser: 2, countsUserTickets: true });
    world.commit(aCancellation(SOLD));
    expect(world.event).toMatchObject({ availableTickets: 4, waitlist: { reserved: [], waiting: 500 } });
    expect(world.read.entries).toBe(0);
  });

  it('makes a bounded number of offers in one transaction, of all pools together', () => {
    const sections = Array.from({ length: 30 }, (_, index) => aSection(idOf(500 + index), counts(0, 1)));
    const entries = sections.flatMap(({ id }, at) =>
      Array.from({ length: 20 }, (_, index) => entry(20 * at + index + 1, { sectionId: id })),
    );
    const waitlist = { lastNumber: entries.length, waiting: entries.length, endedUpTo: 0, reserved: [] };
    const world = new WaitlistWorld(anEventWith(sections, { waitlist }));
    for (const each of entries) world.entries.set(each.id, each);
    const grown = sections.map(({ id }) => ({ id, isNew: false, remove: false, capacity: 21 }));
    world.commit(edit({ sections: grown }));
    expect(world.holds.size).toBe(200);
    expect(world.event).toMatchObject({ availableTickets: 0, heldTickets: 600 });
    transactionsToSettle(world);
    expect(world.holds.size).toBe(600);
    expect(world.event.waitlist).toMatchObject({ waiting: 0, reserved: [] });
  });

  it('counts nobody wrongly when an edit sets the first limit and frees tickets at once', () => {
    const world = worldOf([entry(1, { userId: 'xen', quantity: 2 })], 2);
    world.event = { ...world.event, ...counts(2, 2), totalTickets: 4 };
    const [booked] = world.commit(
      { ...aBooking(idOf(800), 2), userId: 'xen' } as BookCommand,
      edit({ maxTicketsPerUser: 2, totalTickets: 6 }),
    );
    expect(booked?.kind).toBe('done');
    // Stored by nobody yet: what the edit's transaction read of the user was read before the booking.
    expect(world.userTickets.get('xen')).toBeUndefined();
    world.userTickets.set('xen', 2);
    transactionsToSettle(world);
    expect(world.entries.get(idOf(1))?.status).toBe('waiting');
    expect(world.event.availableTickets).toBe(2);
  });

  it('keeps what becomes free while paused for whoever waits when the event goes on', () => {
    const world = worldOf([entry(1, { quantity: 2 })], 5, { status: 'paused' });
    world.commit(returning(2));
    expect(world.event).toMatchObject({ availableTickets: 0, heldTickets: 2 });
    const leaving: LeaveCommand = {
      kind: 'leaveWaitlist',
      eventId: EVENT_ID,
      entryId: idOf(1),
      userId: 'user1',
      at: NOW,
    };
    world.commit(leaving);
    expect(world.event).toMatchObject({ availableTickets: 2, heldTickets: 0 });
    world.commit(returning(1));
    // Nobody can have the three tickets now, so nobody is told that they are available.
    expect(world.commit(joining(2, 3))[0]?.kind).toBe('done');
    expect(world.event).toMatchObject({ availableTickets: 0, heldTickets: 3 });
    world.commit(edit({ status: 'on_sale' }));
    transactionsToSettle(world);
    expect(world.entries.get(idOf(2))?.status).toBe('offered');
  });

  it('is not overtaken by a late payment whose own hold is one of many that are overdue', () => {
    const world = worldOf(
      Array.from({ length: 150 }, (_, index) => entry(index + 1)),
      1,
    );
    for (let number = 0; number < 150; number += 1) {
      const id = idOf(1_000 + number);
      world.holds.set(
        id,
        storedHold(id, { userId: `holder${number}`, createdAt: NOW - 9_000, expiresAt: NOW - 2_000 + number }),
      );
    }
    world.event = { ...world.event, ...counts(0, 1, 150), totalTickets: 151, nextHoldExpiresAt: NOW - 2_000 };
    const late = { ...aConfirmation(idOf(1_149), 'pay'), userId: 'holder149', at: NOW, expiresAt: NOW - 1_851 };
    let [outcome] = world.commit(late);
    while (!outcome) [outcome] = world.commit(late);
    expect(outcome).toMatchObject({ kind: 'refused', problem: { code: 'hold_expired' } });
    transactionsToSettle(world);
    expect([...world.entries.values()].filter(({ status }) => status !== 'offered')).toEqual([]);
  });

  it('does not come back when a sale that has ended by time is extended', () => {
    const world = worldOf([entry(1)], 2, { salesEndAt: NOW - 1 });
    expect(statusOf(world.entries.get(idOf(1))!, world.event, world.now)).toBe('expired');
    world.commit(edit({ salesEndAt: NOW + 60_000 }));
    expect(statusOf(world.entries.get(idOf(1))!, world.event, world.now)).toBe('expired');
    world.commit(aCancellation(SOLD));
    expect(world.event).toMatchObject({ availableTickets: 2, waitlist: { waiting: 0, endedUpTo: 1 } });
  });

  it('gives reserved tickets back when the sale ends by time, and is due then', () => {
    const world = worldOf([entry(1)], 2, { status: 'paused', salesEndAt: NOW + 5_000 });
    world.commit(aCancellation(SOLD));
    expect(world.event).toMatchObject({ heldTickets: 2, nextHoldExpiresAt: NOW + 5_000 });
    world.now = NOW + 5_000;
    transactionsToSettle(world);
    expect(world.event).toMatchObject({ availableTickets: 2, heldTickets: 0, waitlist: { reserved: [] } });
  });
});
