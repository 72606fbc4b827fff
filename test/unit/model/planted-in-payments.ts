import { type Hold, HOLDS } from '../../../src/holds/hold.js';
import { decideOn, showing } from '../../support/registrations.js';
import { changeKind } from './changes.js';
import type { PlantedBug } from './planted-bugs.js';
import { STORY_OF_THE_ONE_PAYMENT } from './stories-of-payments.js';

/** Mistakes in how payments for holds end. */
export const PLANTED_IN_PAYMENTS: readonly PlantedBug[] = [
  {
    name: 'a payment that has to be given back buys the hold later',
    causes: 'paid twice',
    plant: ({ registry }) =>
      changeKind(registry, 'confirmHold', (kind) =>
        decideOn(kind, (draft) => showing<Hold>(draft, HOLDS, (hold) => ({ ...hold, settlements: [] }))),
      ),
  },
  {
    name: 'a payment that has to be given back is forgotten',
    causes: 'acknowledged, not done',
    plant: ({ registry }) =>
      changeKind(registry, 'confirmHold', (kind) =>
        decideOn(kind, (draft) => ({
          put: (table, doc) => {
            const { settlements = [] } = doc as unknown as Partial<Hold>;
            if (table.name !== HOLDS.name || settlements.at(-1)?.outcome !== 'refund_due') draft.put(table, doc);
          },
        })),
      ),
  },
  {
    name: 'one payment pays for two holds',
    causes: 'paid twice',
    story: STORY_OF_THE_ONE_PAYMENT,
    plant: ({ holds }) => {
      const namesOf = (hold: Hold) => HOLDS.namesOf({ ...hold, settlements: [] });
      Object.assign(holds, { table: { ...HOLDS, namesOf } });
      const read = holds.read.bind(holds);
      holds.read = (tx, lookups) =>
        read(
          tx,
          lookups.filter(({ by }) => by !== 'payment'),
        );
    },
  },
];
