import { describe } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { countSold } from '../support/check-books.js';
import { edit } from '../support/edit-races.js';
import {
  answersOf,
  checkVerdicts,
  confirm,
  holdAll,
  onTwo,
  storedHold,
  type Told,
  withoutRefunds,
} from '../support/hold-races.js';
import { claim, compare, itHolds, times } from '../support/race.js';
import { decideOn, withKinds, withRegistrations } from '../support/registrations.js';
import type { RunningApp } from '../support/start-app.js';
import { until } from '../support/until.js';

/** One transaction ends so many holds: while the last ones are paid for, others are still given back. */
const DUE_MAX = 1;

const STATUS = withKinds(
  'a look at the status of the event',
  ['confirmHold'],
  (kind) =>
    decideOn(kind, (draft) => ({
      findEvent: (id) => {
        const event = draft.findEvent(id);
        return event && { ...event, status: 'on_sale' };
      },
    })),
  DUE_MAX,
);

describe('an event with 40 holds that is cancelled while they are paid for, on two instances', () => {
  itHolds(
    'gives every hold back or has sold it before; each payment has one outcome',
    (running) =>
      onTwo(running, async (apis) => {
        const [event, ids] = await holdAll(running, 40);
        const pay = (from: number, to: number): Promise<Told>[] =>
          ids.slice(from, to).flatMap((id, index) =>
            times(2, async (caller) => {
              const answer = await confirm(apis(index + caller), id, { paymentReference: `pay-${id}` });
              return { id, answer };
            }),
          );

        const around = pay(0, 20);
        await Promise.race(around);
        const cancelled = await edit(apis(1), event._id, { status: 'cancelled' });
        const bookings = times(10, (caller) => apis(caller).bookUntilAnswered(event._id));
        const late = await Promise.all(pay(30, 40));
        const booked = await Promise.all(bookings);
        const told = [...(await Promise.all(around)), ...late];
        const sold = await countSold(running.db, event._id);
        const held = async () => (await running.api.get(`/events/${event._id}`)).body.event.heldTickets;
        await until('all holds are given back', async () => (await held()) === 0);
        const repeated = await Promise.all([...pay(0, 20), ...pay(30, 40)]);

        const [unpaid, paid] = [ids.slice(20, 30), [...ids.slice(0, 20), ...ids.slice(30)]];
        const ends = await Promise.all(paid.map((id) => checkPaid(running, id, answersOf([...told, ...repeated], id))));
        const released = await Promise.all(unpaid.map((id) => storedHold(running, id)));
        return [
          ...ends.flat(),
          ...checkVerdicts('the cancellation', ['200'], [cancelled]),
          ...checkVerdicts('a booking', ['409 not_on_sale'], booked),
          ...checkVerdicts(
            'a late payment',
            ['409 wrong_state'],
            late.map(({ answer }) => answer),
          ),
          ...compare(
            'holds released without a payment',
            10,
            released.filter(({ status }) => status === 'released').length,
          ),
          ...compare('tickets sold at the end', sold, await countSold(running.db, event._id)),
        ];
      }),
    [STATUS, withoutRefunds(DUE_MAX)],
    () => ({ override: withRegistrations((feature) => feature, DUE_MAX) }),
  );
});

/** What is wrong where the hold has not the one end that all of its callers were told of. */
async function checkPaid(running: RunningApp, id: string, answers: readonly Answer[]): Promise<string[]> {
  const { status, settlements = [] } = await storedHold(running, id);
  const outcomes = settlements.map(({ outcome }: { outcome: string }) => outcome).join();
  const isSold = status === 'confirmed';
  return [
    ...claim(`${id} is confirmed or released: ${status}`, isSold || status === 'released'),
    ...claim(`the payment of ${id} has one outcome: ${outcomes}`, outcomes === (isSold ? 'booked' : 'refund_due')),
    ...checkVerdicts(`confirmation of ${id}`, isSold ? ['200', '201'] : ['409 wrong_state'], answers),
  ];
}
