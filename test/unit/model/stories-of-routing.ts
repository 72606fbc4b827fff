import { settle } from '../../support/fake-clock.js';
import { aWish, HERE, LAST, sell, type Story, THERE } from './stories.js';
import type { World } from './world.js';

/** Longer than a sender waits for an owner. */
const SILENCE_MS = 1_600;

const STORY_OF_THE_OWNER: Story = {
  promise: 'what is sent to the owner of an event is sold there, and told here',
  tell: async (world) => {
    await ask(world);
    await world.deliverAll();
  },
};

const STORY_OF_THE_LOST_REPORT: Story = {
  promise: 'a booking of the last ticket whose report is lost is found by who has asked for it',
  tell: async (world) => {
    await ask(world);
    await world.passOn(0, 'delivered');
    await world.deliverUntilCommit();
    await world.deliver(0, { effect: 'now', answer: 'truth' });
    await world.passOn(0, 'lost');
    await world.pass(HERE, SILENCE_MS);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_LATE_OWNER: Story = {
  promise: 'who was refused while the owner was silent is not booked by it later, when a ticket is there again',
  tell: async (world) => {
    await sell(world, LAST);
    await ask(world);
    // It has the errand, and its first read takes long.
    await world.passOn(0, 'delivered');
    await world.pass(HERE, SILENCE_MS);
    await world.deliverAll(1);
    world.believe(HERE, LAST, HERE);
    world.cancel(HERE, world.calls[0]!);
    await settle();
    await world.deliverAll(1);
    await world.deliverAll();
    await world.pass(THERE, 200);
    await world.deliverAll();
  },
};

export const STORY_OF_THE_SECOND_COPY: Story = {
  promise: 'who was refused by the owner is not booked by a copy of the errand, when a ticket is there again',
  tell: async (world) => {
    await sell(world, LAST);
    await ask(world);
    await world.passOn(0, 'doubled');
    // The copy is on the wire before the report.
    while (world.calls[1]!.answer === undefined) {
      await world.deliverUntil(() => false);
      await world.passOn(1, 'delivered');
    }
    world.cancel(THERE, world.calls[0]!);
    await settle();
    await world.deliverUntil(() => false);
    await world.deliverAll();
  },
};

/** Somebody asks for the last ticket here, and the event is thought to be owned there. */
async function ask(world: World): Promise<void> {
  world.believe(HERE, LAST, THERE);
  world.book(HERE, LAST, aWish('bob'));
  await settle();
}

export const STORIES_OF_ROUTING = [
  STORY_OF_THE_OWNER,
  STORY_OF_THE_LOST_REPORT,
  STORY_OF_THE_LATE_OWNER,
  STORY_OF_THE_SECOND_COPY,
];
