import type { Line } from '../../../src/bookings/booking.js';
import type { EventPatch } from '../../../src/event-edits/decide/event-patch.js';
import type { Event, Section } from '../../../src/events/event.js';
import { settle } from '../../support/fake-clock.js';
import { randomFrom } from '../../support/random.js';
import type { Call } from './calls.js';
import type { DrawnEdit, DrawnPart, DrawnWish, Schedule, Step } from './drawn.js';
import type { Part, Wish } from './model.js';
import { DELIVERED } from './network.js';
import type { Parts } from './simulated-process.js';
import { bookingsIn, holdsIn } from './simulated-store.js';
import type { Edit } from './terms.js';
import { World } from './world.js';

/** Lets it all happen, and then lets everything end. */
export async function run({ events, steps, seed }: Schedule, plant: (parts: Parts) => void = () => {}): Promise<World> {
  const { random } = Math;
  Math.random = randomFrom(seed);
  try {
    const world = new World(events, plant);
    for (const step of steps) {
      await take(world, events, step);
      await settle();
    }
    await world.finish();
    return world;
  } finally {
    Math.random = random;
  }
}

async function take(world: World, events: readonly Event[], step: Step): Promise<void> {
  switch (step.does) {
    case 'book':
    case 'hold':
    case 'join': {
      const event = events[step.event]!;
      const lines = step.does === 'join' ? step.wish.lines.slice(0, 1) : step.wish.lines;
      world[step.does](step.at, event.id, toWish(askedOf(world, event), { ...step.wish, lines }));
      return;
    }
    case 'edit': {
      const event = asIs(world, events[step.event]!);
      world.edit(
        step.at,
        event.id,
        toEdit(event, step.edit, () => world.takeId()),
      );
      return;
    }
    case 'repeat':
      repeat(world, step.at, step.call);
      return;
    case 'cancel':
    case 'transfer': {
      const taken = world.calls.filter(({ wish }) => wish);
      const isWhole = step.does === 'cancel' && !step.part;
      const chosen = chooseBooked(world, taken, step.call, isWhole);
      if (!chosen) return;
      const sections = askedOf(
        world,
        events.find(({ id }) => id === chosen.eventId)!,
      );
      if (step.does === 'transfer') world.transfer(step.at, chosen, step.to);
      else world.cancel(step.at, chosen, step.part && toPart(sections, step.part));
      return;
    }
    case 'confirm':
    case 'release':
    case 'extend': {
      const held = world.calls.filter(({ does }) => does === 'hold' || does === 'join');
      const made = held.filter(({ bookingId }) => holdsIn(world.store.latest).has(bookingId));
      const chosen = choose(made, step.call) ?? choose(held, step.call);
      if (!chosen) return;
      if (step.does !== 'confirm') world[step.does](step.at, chosen);
      else world.confirm(step.at, chosen, step.payment && `${step.payment} ${chosen.eventId}`);
      return;
    }
    case 'leave': {
      const joined = choose(
        world.calls.filter(({ does }) => does === 'join'),
        step.call,
      );
      if (joined) world.leave(step.at, joined);
      return;
    }
    case 'hang up': {
      const left = choose(world.calls, step.call);
      if (left) left.hasDisconnected = true;
      return;
    }
    case 'deliver':
      for (let left = step.count; left > 0; left--) await world.deliver(step.message, DELIVERED);
      return;
    case 'meddle':
      return world.deliver(step.message, step.fate);
    case 'wait':
      return world.pass(step.at, step.ms);
    case 'believe':
      world.believe(step.at, events[step.event]!.id, step.owner);
      return;
    case 'pass on':
      for (let left = step.count; left > 0; left--) await world.passOn(step.message, 'delivered');
      return;
    case 'tamper':
      return world.passOn(step.message, step.fate);
    case 'crash':
      world.crash(step.at);
      return;
    case 'pause or resume':
      world.pauseOrResume(events[step.event]!.id);
      return;
    case 'expire':
      world.store.abortAll();
      return;
  }
}

function asIs(world: World, event: Event): Event {
  return world.store.latest.events.get(event.id) ?? event;
}

/** The sections that somebody asks for: one that was there first, and may be gone, and the newest. */
function askedOf(world: World, event: Event): Section[] {
  return event.sections.slice(0, 1).concat(asIs(world, event).sections.slice(-1));
}

function choose<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % items.length];
}

/** One of the bookings that there are; where there is none, one that may be made, if that will do. */
function chooseBooked(world: World, calls: readonly Call[], number: number, orWanted = true): Call | undefined {
  const made = calls.filter(({ bookingId }) => bookingsIn(world.store.latest).has(bookingId));
  return choose(made, number) ?? (orWanted ? choose(calls, number) : undefined);
}

/** Sends once more what somebody has sent. */
function repeat(world: World, at: number, number: number): void {
  const chosen = chooseBooked(
    world,
    world.calls.filter(({ wish, part, to, edit }) => wish ?? part ?? to ?? edit),
    number,
  );
  if (!chosen) return;
  const { does, eventId, wish, part, to, edit } = chosen;
  if (edit) world.edit(at, eventId, edit);
  else if (wish) world[does as 'book' | 'hold' | 'join'](at, eventId, wish);
  else if (to === undefined) world.cancel(at, chosen, part);
  else world.transfer(at, chosen, to);
}

function toEdit(event: Event, drawn: DrawnEdit, nextId: () => string): Edit {
  const version = drawn.missed === undefined ? undefined : event.version - drawn.missed;
  return { version, patch: toPatch(event, drawn, nextId) };
}

function toPatch(
  event: Event,
  { what, section, capacity, limit, status }: DrawnEdit,
  nextId: () => string,
): EventPatch {
  const { sections } = event;
  if (what === 'status') return { status };
  if (what === 'limit') return { maxTicketsPerUser: limit };
  if (sections.length === 0) return { totalTickets: capacity };
  const id = what === 'add' ? nextId() : sections[section % sections.length]!.id;
  const base = { id, isNew: what === 'add', remove: what === 'remove' };
  if (what === 'remove') return { sections: [base] };
  return { sections: [{ ...base, capacity, ...(what === 'add' && { name: id }) }] };
}

function toWish(sections: readonly Section[], { userId, key, lines: drawn }: DrawnWish): Wish {
  const lines = toLines(sections, drawn);
  return { userId, key, lines, text: JSON.stringify({ userId, lines }) };
}

function toPart(sections: readonly Section[], { key, lines: drawn }: DrawnPart): Part {
  const lines = toLines(sections, drawn);
  return { key, lines, text: JSON.stringify({ lines }) };
}

function toLines(sections: readonly Section[], drawn: DrawnWish['lines']): Line[] {
  return drawn.map(({ section, quantity }) => ({ sectionId: sections[section]?.id, quantity }));
}
