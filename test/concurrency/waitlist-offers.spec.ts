import { describe } from '@jest/globals';
import { ENTRIES } from '../../src/waitlist/entry.js';
import type { Answer, Api } from '../support/api.js';
import { cancelAll } from '../support/change-races.js';
import { countSold } from '../support/check-books.js';
import { checkVerdicts, confirm, onTwo, release, skipping, STATE, storedHold } from '../support/hold-races.js';
import { claim, compare, type Control, itHolds, times } from '../support/race.js';
import { decideOn, replaced, withClosingRules, withKinds } from '../support/registrations.js';
import { SkippingClock } from '../support/skipping-clock.js';
import type { RunningApp } from '../support/start-app.js';
import {
  checkNeverPublic,
  checkOrder,
  joinAll,
  leave,
  revisionOf,
  soldOut,
  statusOf,
  WITHHOLDING,
} from '../support/waitlist-races.js';

const OFFER_SECONDS = 600;
const OFFERS = 12;

/** An offer that has ended is forgotten by its entry. */
const ENTRY_ENDS = withClosingRules('a note in the entry of how its offer has ended', (rule) => ({
  close: (draft) => rule.close(replaced(draft, { listPut: () => [] })),
}));
/** Who leaves is taken for one who has an offer, whatever has become of it. */
const ENTRY_STATE = withKinds('the state of the entry', ['leaveWaitlist'], (kind) =>
  decideOn(kind, (draft) => ({
    find: (table, name) => {
      const doc = draft.find(table, name);
      return doc && { ...doc, status: table.name === ENTRIES.name ? 'offered' : 'active' };
    },
  })),
);
interface Ends {
  readonly id: string;
  readonly confirms: readonly Answer[];
  readonly releases: readonly Answer[];
  readonly leaves: readonly Answer[];
}

type Sends = (apis: (caller: number) => Api, eventId: string, id: string) => Promise<Omit<Ends, 'id'>>;

const RACES: readonly (readonly [string, Sends, Control[]])[] = [
  [
    'declined and confirmed',
    async (apis, _eventId, id) => {
      const [first, second, third, last] = await Promise.all([
        confirm(apis(0), id),
        release(apis(1), id),
        release(apis(0), id),
        confirm(apis(1), id),
      ]);
      return { confirms: [first, last], releases: [second, third], leaves: [] };
    },
    [STATE],
  ],
  [
    'left and confirmed',
    async (apis, eventId, id) => {
      const [first, second, third, last] = await Promise.all([
        leave(apis(0), eventId, id),
        confirm(apis(1), id),
        confirm(apis(0), id),
        leave(apis(1), eventId, id),
      ]);
      return { confirms: [second, third], releases: [], leaves: [first, last] };
    },
    [STATE, ENTRY_STATE],
  ],
];

describe.each(RACES)('offers that are %s at the same time, on two instances', (what, send, controls) => {
  itHolds(
    'have one end, as everybody is told, and those that end go to the next',
    (running) =>
      onTwo(running, async (apis) => {
        const { eventId, ids, next, after } = await offerAll(running);

        const ends = await Promise.all(
          ids.map(async (id, index) => ({ id, ...(await send((caller) => apis(index + caller), eventId, id)) })),
        );

        return [
          ...(await Promise.all(ends.map((each) => checkEnd(running, each)))).flat(),
          ...(await checkPassedOn(running, eventId, ids, next)),
          ...(await checkNeverPublic(running, eventId, after)),
        ];
      }),
    // What all of these races have in common is taken away from one of them.
    what === RACES[0]?.[0] ? [...controls, ENTRY_ENDS, WITHHOLDING] : controls.slice(0, 1),
  );
});

describe('offers that expire while some are left, declined and confirmed, on two instances', () => {
  itHolds(
    'have one end, as everybody is told, and those that end go to the next',
    (running) =>
      onTwo(running, async (apis) => {
        const { eventId, ids, next, after } = await offerAll(running);
        const act = (index: number): Promise<Omit<Ends, 'id'>> => {
          const [id, api] = [ids[index]!, apis(index)];
          const none = { confirms: [], releases: [], leaves: [] };
          if (index % 3 === 0) return confirm(api, id).then((answer) => ({ ...none, confirms: [answer] }));
          if (index % 3 === 1) return release(api, id).then((answer) => ({ ...none, releases: [answer] }));
          return leave(api, eventId, id).then((answer) => ({ ...none, leaves: [answer] }));
        };

        const early = times(6, async (index) => ({ id: ids[index]!, ...(await act(index)) }));
        await Promise.race(early);
        SkippingClock.of(running).skip(OFFER_SECONDS);
        const late = times(6, async (index) => ({ id: ids[6 + index]!, ...(await act(6 + index)) }));
        const ends = await Promise.all([...early, ...late]);

        return [
          ...(await Promise.all(ends.map((each) => checkEnd(running, each)))).flat(),
          ...(await checkPassedOn(running, eventId, ids, next)),
          ...(await checkNeverPublic(running, eventId, after)),
        ];
      }),
    [ENTRY_STATE, ENTRY_ENDS, WITHHOLDING],
    skipping,
  );
});

/** An event whose tickets are all offered, and twice as many who are next: their first offers may expire as well. */
async function offerAll(running: RunningApp) {
  const [eventId, bookings] = await soldOut(running, OFFERS);
  const users = times(3 * OFFERS, (user) => `user${user}`);
  const ids = await joinAll(running.api, eventId, users);
  const after = await revisionOf(running, eventId);
  await Promise.all(bookings.map((id) => cancelAll(running.api, id)));
  return { eventId, ids: ids.slice(0, OFFERS), next: ids.slice(OFFERS), after };
}

const ENDED = '409 wrong_state';

/** What is wrong where an entry and its hold have not one end, or somebody was told another. */
async function checkEnd(running: RunningApp, { id, confirms, releases, leaves }: Ends): Promise<string[]> {
  const hold = (await storedHold(running, id))['status'] as string;
  const entry = await statusOf(running, id);
  const expected = { confirmed: 'accepted', released: 'left', expired: 'expired' }[hold];
  const [confirmed, released] = [hold === 'confirmed', hold === 'released'];
  return [
    ...claim(`${id} is ${expected}, since its hold is ${hold}: ${entry}`, entry === expected),
    ...checkVerdicts(
      `confirmation of ${id} (${hold})`,
      confirmed ? ['200', '201'] : [released ? ENDED : '410 hold_expired'],
      confirms,
    ),
    ...checkVerdicts(`release of ${id} (${hold})`, [released ? '200' : ENDED], releases),
    ...checkVerdicts(`leaving of ${id} (${hold})`, [released ? '200' : ENDED], leaves),
    ...compare(`first bookings of ${id}`, confirmed ? 1 : 0, confirms.filter(({ status }) => status === 201).length),
  ];
}

/** What is wrong where not as many of the next have an offer as others have ended theirs without buying. */
async function checkPassedOn(running: RunningApp, eventId: string, ids: readonly string[], next: readonly string[]) {
  const order = await checkOrder(running, eventId);
  const ends = await Promise.all(ids.map((id) => statusOf(running, id)));
  const bought = ends.filter((status) => status === 'accepted').length;
  const offered = (await Promise.all(next.map((id) => statusOf(running, id)))).filter((each) => each === 'offered');
  return [
    ...order,
    ...compare('offers that were passed on', OFFERS - bought, offered.length),
    ...compare('tickets sold', bought, await countSold(running.db, eventId)),
  ];
}
