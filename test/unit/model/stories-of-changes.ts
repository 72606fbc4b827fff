import { settle } from '../../support/fake-clock.js';
import type { Part } from './model.js';
import { HERE, OTHER, SAID_TO_HAVE_FAILED, sell, type Story, THERE } from './stories.js';
import type { World } from './world.js';

export const STORY_OF_THE_LOST_PART: Story = {
  promise: 'a part of a booking that was returned by a commit said to have failed is not returned again',
  tell: async (world) => {
    await sell(world, OTHER, 3);
    world.cancel(HERE, world.calls[0]!, aPart(1));
    await loseCommit(world);
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_WAY_BACK: Story = {
  promise: 'a transfer by a commit said to have failed is not made again after the booking was given back',
  tell: async (world) => {
    await sell(world, OTHER, 3);
    world.transfer(HERE, world.calls[0]!, 'bob');
    await loseCommit(world);
    world.transfer(THERE, world.calls[0]!, 'ann');
    await settle();
    await world.deliverAll();
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

const STORY_OF_THE_LATE_CHANGE: Story = {
  promise: 'who cancels a booking that meanwhile got another user returns the tickets of that user',
  tell: async (world) => {
    await sell(world, OTHER, 3);
    world.cancel(HERE, world.calls[0]!, aPart(1));
    await settle();
    world.transfer(THERE, world.calls[0]!, 'bob');
    await settle();
    // The transfer is committed before the part is read.
    await world.deliverAll(1);
    await world.deliverAll();
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_FIRST_ANSWER: Story = {
  promise: 'who repeats the key of a part is told what the first request was told, whatever has happened since',
  tell: async (world) => {
    await sell(world, OTHER, 3);
    world.cancel(HERE, world.calls[0]!, aPart(1));
    await settle();
    await world.deliverAll();
    world.transfer(THERE, world.calls[0]!, 'bob');
    await settle();
    await world.deliverAll();
    world.cancel(THERE, world.calls[0]!, aPart(1));
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_REST: Story = {
  promise: 'who cancels a booking after a part of it returns what is left',
  tell: async (world) => {
    await sell(world, OTHER, 3);
    for (const part of [aPart(1), undefined]) {
      world.cancel(HERE, world.calls[0]!, part);
      await settle();
      await world.deliverAll();
    }
  },
};

export const STORIES_OF_CHANGES = [
  STORY_OF_THE_REST,
  STORY_OF_THE_LOST_PART,
  STORY_OF_THE_WAY_BACK,
  STORY_OF_THE_LATE_CHANGE,
  STORY_OF_THE_FIRST_ANSWER,
];

/** The next commit is done, and its sender is told that it has failed. */
export async function loseCommit(world: World): Promise<void> {
  await settle();
  await world.deliverUntilCommit();
  await world.deliver(0, { effect: 'now', answer: SAID_TO_HAVE_FAILED });
}

function aPart(quantity: number): Part {
  return { key: 'part', lines: [{ sectionId: undefined, quantity }], text: String(quantity) };
}
