import { settle } from '../../support/fake-clock.js';
import { aWish, HERE, LAST, OTHER, sell, type Story, THERE } from './stories.js';
import { loseCommit } from './stories-of-changes.js';
import type { World } from './world.js';

export const STORY_OF_THE_LOST_WAKE_UP: Story = {
  promise: 'who joins at a server that knows an event as sold out does not wait beside a ticket that is back',
  tell: async (world) => {
    await sell(world, LAST);
    world.cancel(THERE, world.calls[0]!);
    await settle();
    await world.deliverUntilCommit();
    world.join(HERE, LAST, aWish('bob'));
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_NEXT_IN_THE_BATCH: Story = {
  promise: 'a booking behind the cancellation of a ticket that somebody waits for does not get it',
  tell: async (world) => {
    await waitFor(world, LAST, 1);
    // Both wait for another batch, so that they are in one.
    world.book(HERE, OTHER, aWish('eve'));
    world.cancel(HERE, world.calls[0]!);
    await settle();
    world.book(HERE, LAST, aWish('eve'));
    await settle();
    await world.deliverAll();
  },
};

const STORY_OF_THE_LATE_BUYER: Story = {
  promise: 'who confirms a hold that has ended gets no tickets that somebody waits for, though more is due',
  tell: async (world) => {
    for (const [user, quantity] of [
      ['ann', 2],
      ['bob', 3],
    ] as const) {
      world.hold(HERE, OTHER, aWish(user, undefined, quantity));
      await settle();
      await world.deliverAll();
    }
    world.join(HERE, OTHER, aWish('eve', undefined, 3));
    await settle();
    await world.deliverAll();
    await world.pass(HERE, 3_000);
    world.confirm(HERE, world.calls[1]!);
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_PAUSE: Story = {
  promise: 'what is given back during a pause is offered to who waits when the event goes on',
  tell: async (world) => {
    await waitFor(world, LAST, 1);
    edit(world, 'paused');
    await settle();
    await world.deliverAll();
    world.cancel(HERE, world.calls[0]!);
    await settle();
    await world.deliverAll();
    edit(world, 'on_sale');
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_ENDED_OFFER: Story = {
  promise: 'an offer that ends goes to the next who waits',
  tell: async (world) => {
    await waitFor(world, LAST, 1);
    world.join(HERE, LAST, aWish('eve'));
    await settle();
    await world.deliverAll();
    world.cancel(HERE, world.calls[0]!);
    await settle();
    await world.deliverAll();
    await world.pass(HERE, 2_000);
    world.book(HERE, LAST, aWish('joe'));
    await settle();
    await world.deliverAll();
    world.leave(THERE, world.calls[2]!);
    await settle();
    await world.deliverAll();
  },
};

const STORY_OF_THE_FULL_HANDS: Story = {
  promise: 'what is not for the first, who has as many tickets as a user may have, is for the next',
  tell: async (world) => {
    await sell(world, OTHER, 5);
    for (const user of ['ann', 'bob']) {
      world.join(HERE, OTHER, aWish(user, undefined, 2));
      await settle();
      await world.deliverAll();
    }
    world.edit(HERE, OTHER, { version: undefined, patch: { maxTicketsPerUser: 3 } });
    await settle();
    await world.deliverAll();
    world.edit(HERE, OTHER, { version: undefined, patch: { totalTickets: 7 } });
    await settle();
    await world.deliverAll();
  },
};

const STORY_OF_THE_LOST_OFFER: Story = {
  promise: 'what was handed over by a commit said to have failed is not handed over again',
  tell: async (world) => {
    await waitFor(world, LAST, 1);
    world.cancel(HERE, world.calls[0]!);
    await settle();
    await loseCommit(world);
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

export const STORIES_OF_WAITING = [
  STORY_OF_THE_LOST_WAKE_UP,
  STORY_OF_THE_NEXT_IN_THE_BATCH,
  STORY_OF_THE_LATE_BUYER,
  STORY_OF_THE_PAUSE,
  STORY_OF_THE_ENDED_OFFER,
  STORY_OF_THE_FULL_HANDS,
  STORY_OF_THE_LOST_OFFER,
];

/** Ann buys all tickets, and bob waits for some. */
async function waitFor(world: World, eventId: string, quantity: number): Promise<void> {
  await sell(world, eventId, quantity);
  world.join(HERE, eventId, aWish('bob', undefined, quantity));
  await settle();
  await world.deliverAll();
}

function edit(world: World, status: 'paused' | 'on_sale'): void {
  world.edit(HERE, LAST, { version: undefined, patch: { status } });
}
