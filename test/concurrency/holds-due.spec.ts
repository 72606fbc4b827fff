import { describe } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import {
  checkVerdicts,
  confirm,
  ENDS,
  extend,
  holdAll,
  makeHold,
  onTwo,
  release,
  skipping,
  storedHold,
  TTL_SECONDS,
} from '../support/hold-races.js';
import { occupy, withHeldLanes } from '../support/lanes.js';
import { checkAnswers, claim, compare, itHolds, times, withAnother } from '../support/race.js';
import { replaced, withDueRules, withKinds, withRegistrations } from '../support/registrations.js';
import { SkippingClock, withSkippingClock } from '../support/skipping-clock.js';
import type { RunningApp } from '../support/start-app.js';

/** Of what is due, the first part is settled. Whoever finds too little then is refused. */
const more = (dueMax?: number) =>
  withDueRules(
    'a wait for all that is due',
    (rule) => ({
      ...rule,
      settle: (event, draft, limit) => rule.settle(event, replaced(draft, { fallBehind: () => undefined }), limit),
    }),
    dueMax,
  );
const NEXT = withDueRules('a note of when the next hold ends', (rule) => ({
  ...rule,
  settle: (event, draft, limit) => {
    const changeEvent = (id: string) => draft.changeEvent(id, { nextHoldExpiresAt: undefined });
    rule.settle(event, replaced(draft, { changeEvent }), limit);
  },
}));
const ARRIVAL = withKinds('the moment of arrival', ['confirmHold', 'releaseHold', 'extendHold'], () => ({
  isInTime: () => false,
}));

const PLACE = withKinds('a place before the others', ['confirmHold', 'releaseHold', 'extendHold'], () => ({
  goesFirst: () => false,
}));

const held = (dueMax?: number) => () => {
  const [clock, lanes] = [withSkippingClock(), withHeldLanes()];
  const registry = withRegistrations((feature) => feature, dueMax);
  return { override: (builder: Parameters<typeof clock>[0]) => registry(lanes(clock(builder))) };
};

describe('1,200 holds that end at the same moment', () => {
  itHolds(
    'are sold again to the first who ask, on two instances: nobody is refused',
    (running) =>
      withAnother(running, async (other) => {
        const [event] = await holdAll(running, 1_200);
        SkippingClock.of(running).skip(TTL_SECONDS);
        const instances = [running, other];
        const lanes = await Promise.all(instances.map(occupy));
        const callers = times(120, (caller) =>
          instances[caller % 2]!.api.bookUntilAnswered(event._id, { quantity: 10 }),
        );
        await Promise.all(lanes.map((lane) => lane.untilArrived(1 + 60)));
        for (const lane of lanes) lane.release();
        const answers = await Promise.all(callers);

        return [
          ...checkVerdicts('a booking', ['201'], answers),
          ...checkVerdicts('one more', ['409 sold_out'], [await running.api.bookUntilAnswered(event._id)]),
          ...compare('tickets sold', 1_200, await countSold(running.db, event._id)),
        ];
      }),
    [more(), NEXT],
    held(),
  );
});

describe('holds of a user who has as many tickets as the event allows', () => {
  itHolds(
    'count no more when they have ended: the user gets as many again, of two instances, and no more',
    (running) =>
      onTwo(running, async (apis) => {
        const event = await running.api.createEvent({ totalTickets: 100, maxTicketsPerUser: 4 });
        await Promise.all(times(2, () => makeHold(running.api, event._id, { quantity: 2, ttlSeconds: TTL_SECONDS })));
        SkippingClock.of(running).skip(TTL_SECONDS);

        const answers = await Promise.all(times(40, (caller) => apis(caller).bookUntilAnswered(event._id)));

        return [
          ...checkVerdicts('a booking', ['201', '409 user_limit_reached'], answers),
          ...compare('tickets sold', 4, await countSold(running.db, event._id)),
        ];
      }),
    [ENDS],
    skipping,
  );
});

describe.each([
  ['in one batch with', 6, [ARRIVAL]],
  ['behind more than one batch of', 600, [ARRIVAL, PLACE]],
])(
  'a confirmation, a release and an extension in time that wait until after the end, %s bookings',
  (_where, count, controls) => {
    itHolds(
      'come before whoever wants the tickets since the end',
      async (running) => {
        const { api } = running;
        const [event, ids] = await holdAll(running, 3);
        const [bought, released, kept] = ids as [string, string, string];
        const ends = [
          () => confirm(api, bought),
          () => release(api, released),
          () => extend(api, kept, 10 * TTL_SECONDS),
        ];

        const [booked, ended] = await whileEnding(
          running,
          times(count, () => () => api.bookUntilAnswered(event._id)),
          ends,
          // In the last moments of the holds.
          TTL_SECONDS - 9,
        );

        return [
          ...checkVerdicts('what arrived in time', ['200', '201'], ended),
          ...(await checkAnswers(running, booked)),
          ...compare('tickets sold', 2, await countSold(running.db, event._id)),
          ...claim('one hold is kept', (await storedHold(running, kept))['status'] === 'active'),
        ];
      },
      controls,
      held(),
    );
  },
);

describe('confirmations in time of holds that end with more than one transaction may settle', () => {
  itHolds(
    'hide none of the others: all of their tickets are sold',
    async (running) => {
      const { api } = running;
      const event = await api.createEvent({ totalTickets: 12 });
      const first = await Promise.all(
        times(2, (user) => makeHold(api, event._id, { userId: `user${user}`, ttlSeconds: TTL_SECONDS / 2 })),
      );
      await Promise.all(
        times(10, (user) => makeHold(api, event._id, { userId: `other${user}`, ttlSeconds: TTL_SECONDS })),
      );
      const ends = first.map((id) => () => confirm(api, id));

      const [booked, ended] = await whileEnding(
        running,
        times(10, () => () => api.bookUntilAnswered(event._id)),
        ends,
      );

      return [
        ...checkVerdicts('a confirmation', ['201'], ended),
        ...checkVerdicts('a booking', ['201'], booked),
        ...compare('tickets sold', 12, await countSold(running.db, event._id)),
      ];
    },
    [more(5)],
    held(5),
  );
});

type Send = () => Promise<Answer>;

/** Sends the bookings and then what ends holds, in one batch with them; the holds end before it is decided. */
async function whileEnding(
  running: RunningApp,
  bookings: readonly Send[],
  ends: readonly Send[],
  skipBefore = 0,
): Promise<[booked: Answer[], ended: Answer[]]> {
  const lane = await occupy(running);
  const booked = bookings.map((send) => send());
  await lane.untilArrived(1 + bookings.length);
  SkippingClock.of(running).skip(skipBefore);
  const ended = ends.map((send) => send());
  await lane.untilArrived(1 + bookings.length + ends.length);
  SkippingClock.of(running).skip(TTL_SECONDS);
  lane.release();
  return [await Promise.all(booked), await Promise.all(ended)];
}
