import type { EventPatch } from '../../../src/event-edits/decide/event-patch.js';
import { settle } from '../../support/fake-clock.js';
import { aWish, HALL, HERE, LAST, OTHER, sell, STALLS, type Story, THERE } from './stories.js';
import { loseCommit } from './stories-of-changes.js';
import type { World } from './world.js';

export const STORY_OF_THE_NEW_LIMIT: Story = {
  promise: 'a booking behind the edit that sets a limit does not exceed it with what its user had before',
  tell: async (world) => {
    await sell(world, OTHER, 3);
    // Both wait for another batch, so that they are in one.
    world.book(HERE, LAST, aWish('eve'));
    edit(world, HERE, { maxTicketsPerUser: 3 });
    world.book(HERE, OTHER, aWish('ann'));
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_LOST_EDIT: Story = {
  promise: 'an edit whose commit was done, and said to have failed, is not refused because of its own version',
  tell: async (world) => {
    edit(world, HERE, { totalTickets: 4 }, 1);
    await loseCommit(world);
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_UNDONE_EDIT: Story = {
  promise: 'an edit by a commit said to have failed is not made again after another has undone it',
  tell: async (world) => {
    edit(world, HERE, { status: 'paused' });
    await loseCommit(world);
    edit(world, THERE, { status: 'on_sale' });
    await settle();
    await world.deliverAll();
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_LOST_DELETION: Story = {
  promise: 'a deletion by a commit said to have failed is found by the next attempt',
  tell: async (world) => {
    world.delete(HERE, OTHER);
    await loseCommit(world);
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_OLD_NEWS: Story = {
  promise: 'an edit that would change nothing of what a server remembers is made if the event has changed',
  tell: async (world) => {
    for (const [at, status] of [HERE, THERE, HERE].entries()) {
      edit(world, status, { status: at === 1 ? 'on_sale' : 'paused' });
      await settle();
      await world.deliverAll();
    }
  },
};

export const STORY_OF_THE_GIVEN_UP_HOLDS: Story = {
  promise: 'the holds of a cancelled event are all given back, though the server that has begun it has crashed',
  tell: async (world) => {
    await holdTwice(world);
    edit(world, HERE, { status: 'cancelled' });
    await settle();
    await world.deliverUntil(() => world.store.latest.events.get(OTHER)!.status === 'cancelled');
    world.crash(HERE);
    world.book(THERE, OTHER, aWish('eve'));
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_LATE_EXTENSION: Story = {
  promise: 'a hold of a cancelled event is not extended, though it is not given back yet',
  tell: async (world) => {
    await holdTwice(world);
    edit(world, HERE, { status: 'cancelled' });
    world.extend(HERE, world.calls[1]!);
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_USED_SECTION: Story = {
  promise: 'a section that was booked once is not removed, though the booking is cancelled',
  tell: async (world) => {
    world.book(HERE, HALL, { ...aWish('ann'), lines: [{ sectionId: STALLS, quantity: 1 }] });
    await settle();
    await world.deliverAll();
    world.cancel(HERE, world.calls[0]!);
    await settle();
    await world.deliverAll();
    const section = { id: STALLS, isNew: false, remove: true };
    world.edit(HERE, HALL, { version: undefined, patch: { sections: [section] } });
    await settle();
    await world.deliverAll();
  },
};

export const STORIES_OF_EDITS = [
  STORY_OF_THE_NEW_LIMIT,
  STORY_OF_THE_LOST_EDIT,
  STORY_OF_THE_UNDONE_EDIT,
  STORY_OF_THE_LOST_DELETION,
  STORY_OF_THE_OLD_NEWS,
  STORY_OF_THE_GIVEN_UP_HOLDS,
  STORY_OF_THE_LATE_EXTENSION,
  STORY_OF_THE_USED_SECTION,
];

function edit(world: World, at: number, patch: EventPatch, version?: number): void {
  world.edit(at, OTHER, { version, patch });
}

async function holdTwice(world: World): Promise<void> {
  for (const user of ['ann', 'bob']) {
    world.hold(HERE, OTHER, aWish(user));
    await settle();
    await world.deliverAll();
  }
}
