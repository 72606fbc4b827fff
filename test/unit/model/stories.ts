import { anEvent, anEventWith, aSection, counts, idOf } from '../../support/factories.js';
import { settle } from '../../support/fake-clock.js';
import type { Wish } from './model.js';
import { DELIVERED } from './network.js';
import { POISON } from './simulated-database.js';
import type { Parts } from './simulated-process.js';
import { World } from './world.js';

/** What went wrong once, or would without a wall that chance seldom tests. */
export interface Story {
  readonly promise: string;
  readonly tell: (world: World) => Promise<void>;
}

export const [HERE, THERE] = [0, 1] as const;
/** It has one ticket. */
export const LAST = idOf(0xe0);
export const OTHER = idOf(0xe1);
/** It has two sections, of two tickets each. */
export const HALL = idOf(0xe2);
export const STALLS = idOf(0xa0);
const BALCONY = idOf(0xa1);
export const SAID_TO_HAVE_FAILED = 'said to have failed';

const STORY_OF_THE_KEY: Story = {
  promise: 'a key that was used for the last ticket elsewhere gets that booking, and is not told that there is none',
  tell: async (world) => {
    await sell(world, LAST);
    world.cancel(THERE, world.calls[0]!);
    await settle();
    await world.deliverAll();
    world.book(THERE, LAST, aWish('bob', 'key'));
    await world.deliverUntilCommit();
    world.book(HERE, LAST, aWish('bob', 'key'));
    // The key is looked up before that commit, and the tickets are read after it.
    await world.deliver(1, DELIVERED);
    await world.deliver(0, DELIVERED);
  },
};

export const STORY_OF_THE_LOST_ANSWER: Story = {
  promise: 'a booking of the last ticket whose commit was done, and said to have failed, is found by the next attempt',
  tell: async (world) => {
    world.book(HERE, LAST, aWish('ann'));
    await world.deliverUntilCommit();
    await world.deliver(0, { effect: 'now', answer: SAID_TO_HAVE_FAILED });
    await world.pass(HERE, 200);
    await world.deliverAll();
  },
};

const STORY_OF_THE_DEADLINE: Story = {
  promise: 'who can not wait after a commit is not told that nothing was changed, whatever was said of the commit',
  tell: async (world) => {
    world.book(HERE, LAST, aWish('ann'));
    await world.deliverUntilCommit();
    await world.deliver(0, { effect: 'now', answer: SAID_TO_HAVE_FAILED });
    await world.pass(HERE, 5_100);
  },
};

const STORY_OF_THE_NEIGHBOUR: Story = {
  promise: 'who waits while a neighbour is found to be bad is answered in time',
  tell: async (world) => {
    for (const user of ['ann', 'bob', 'eve']) world.book(HERE, OTHER, aWish(user));
    await world.pass(HERE, 1_000);
    world.book(HERE, LAST, aWish(POISON));
    await world.deliverUntil(() => world.calls[1]!.answer !== undefined);
    await world.pass(HERE, 4_500);
  },
};

export const STORY_OF_THE_COMMIT_IN_FLIGHT: Story = {
  promise: 'a commit that is still on its way does not come true behind the back of a refusal',
  tell: async (world) => {
    await sell(world, LAST);
    world.book(HERE, OTHER, aWish('eve'));
    world.cancel(HERE, world.calls[0]!);
    await settle();
    await world.pass(HERE, 2_000);
    // He gets what is returned in the same transaction, if that comes true.
    world.book(HERE, LAST, aWish('bob'));
    await world.deliverUntil(() => world.calls[1]!.answer !== undefined);
    await world.deliverUntilCommit();
    await world.deliver(0, { effect: 'later', answer: SAID_TO_HAVE_FAILED });
    // Whoever cancels can not wait any longer, and bob is alone.
    await world.pass(HERE, 10);
    await world.pass(HERE, 4_100);
    await world.deliverAll(1);
  },
};

export const STORY_OF_THE_REPETITION: Story = {
  promise: 'who repeats a key whose commit is still on its way is not refused by the server that has sent it',
  tell: async (world) => {
    await sell(world, LAST);
    world.book(HERE, OTHER, aWish('eve'));
    world.cancel(HERE, world.calls[0]!);
    await settle();
    world.book(HERE, LAST, aWish('bob', 'key'));
    await world.deliverUntil(() => world.calls[1]!.answer !== undefined);
    await world.deliverUntilCommit();
    await world.pass(HERE, 5_100);
    world.book(HERE, LAST, aWish('bob', 'key'));
    await settle();
    await world.deliverAll(1);
  },
};

export const STORY_OF_MANY_ENDS: Story = {
  promise:
    'whoever needs the tickets of several holds that have ended gets them, though one transaction ends only some',
  tell: async (world) => {
    world.hold(HERE, OTHER, aWish('ann', undefined, 2));
    await world.deliverAll();
    world.hold(HERE, OTHER, aWish('bob', undefined, 3));
    await world.deliverAll();
    await world.pass(HERE, 3_000);
    world.book(HERE, OTHER, aWish('eve', undefined, 4));
    world.book(HERE, OTHER, aWish('eve', undefined, 1));
    await settle();
    await world.deliverAll();
  },
};

const STORY_OF_THE_LATE_RELEASE: Story = {
  promise: 'who releases a hold that has ended is told so, though one transaction ends only some of what is due',
  tell: async (world) => {
    for (const user of ['ann', 'bob']) {
      world.hold(HERE, OTHER, aWish(user, undefined, 2));
      await settle();
      await world.deliverAll();
    }
    await world.pass(HERE, 3_000);
    world.release(HERE, world.calls[1]!);
    await settle();
    await world.deliverAll();
  },
};

export const STORY_OF_THE_SLOW_RELEASE: Story = {
  promise:
    'a release that arrived in time, and is decided after the hold has ended elsewhere, gives nothing back again',
  tell: async (world) => {
    world.hold(HERE, OTHER, aWish('ann'));
    await world.deliverAll();
    world.release(HERE, world.calls[0]!);
    await settle();
    await world.pass(THERE, 3_000);
    world.book(THERE, OTHER, aWish('eve'));
    await settle();
    await world.deliverAll(1);
    await world.deliverAll();
  },
};

export const STORIES = [
  STORY_OF_THE_SLOW_RELEASE,
  STORY_OF_THE_KEY,
  STORY_OF_THE_LOST_ANSWER,
  STORY_OF_THE_DEADLINE,
  STORY_OF_THE_NEIGHBOUR,
  STORY_OF_THE_COMMIT_IN_FLIGHT,
  STORY_OF_THE_REPETITION,
  STORY_OF_MANY_ENDS,
  STORY_OF_THE_LATE_RELEASE,
];

/** Lets it happen, and then lets everything end. */
export async function runStory({ tell }: Story, plant: (parts: Parts) => void = () => {}): Promise<World> {
  const sections = [STALLS, BALCONY].map((id) => aSection(id, counts(2)));
  const pools = [anEvent({ id: LAST, ...counts(1) }), anEvent({ id: OTHER, ...counts(5) })];
  const world = new World([...pools, anEventWith(sections, { id: HALL })], plant);
  await tell(world);
  await world.finish();
  return world;
}

/** Sells ann tickets of the event. */
export async function sell(world: World, eventId: string, quantity = 1): Promise<void> {
  world.book(HERE, eventId, aWish('ann', undefined, quantity));
  await world.deliverAll();
}

export function aWish(userId: string, key?: string, quantity = 1): Wish {
  return { userId, key, lines: [{ sectionId: undefined, quantity }], text: userId };
}
