import { settle } from '../../support/fake-clock.js';
import { aWish, HERE, OTHER, type Story, THERE } from './stories.js';

export const STORY_OF_THE_ONE_PAYMENT: Story = {
  promise: 'one payment for two holds buys one of them',
  tell: async (world) => {
    for (const user of ['ann', 'bob']) {
      world.hold(HERE, OTHER, aWish(user));
      await settle();
      await world.deliverAll();
    }
    for (const [at, hold] of world.calls.slice(0, 2).entries()) world.confirm(at === 0 ? HERE : THERE, hold, 'pay');
    await settle();
    await world.deliverAll();
  },
};

const STORY_OF_THE_LATE_PAYMENT: Story = {
  promise: 'a payment that came too late is given back, and buys nothing when a ticket is there again',
  tell: async (world) => {
    world.hold(HERE, OTHER, aWish('ann'));
    await settle();
    await world.deliverAll();
    await world.pass(HERE, 3_000);
    world.book(THERE, OTHER, aWish('bob', undefined, 5));
    await settle();
    await world.deliverAll();
    for (const at of [HERE, THERE]) {
      world.confirm(at, world.calls[0]!, 'pay');
      await settle();
      await world.deliverAll();
      world.cancel(THERE, world.calls[1]!);
      await settle();
      await world.deliverAll();
    }
  },
};

export const STORIES_OF_PAYMENTS = [STORY_OF_THE_ONE_PAYMENT, STORY_OF_THE_LATE_PAYMENT];
