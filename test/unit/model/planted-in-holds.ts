import { USER_TICKETS } from '../../../src/bookings/decide/user-tickets.js';
import type { Hold } from '../../../src/holds/hold.js';
import { changeDueRule, changeKind } from './changes.js';
import type { PlantedBug } from './planted-bugs.js';
import { STORY_OF_MANY_ENDS, STORY_OF_THE_SLOW_RELEASE } from './stories.js';

/** Mistakes in how holds end. */
export const PLANTED_IN_HOLDS: readonly PlantedBug[] = [
  {
    name: 'what is due is left for a job',
    causes: 'untrue refusal',
    plant: ({ registry }) => {
      registry.dueRules.splice(0);
      const done = { kind: 'done', result: null, isReplay: false } as const;
      changeKind(registry, 'settleHolds', () => ({ decide: () => done }));
    },
  },
  {
    name: 'a hold ends before its time',
    causes: 'ended early',
    plant: ({ registry }) =>
      changeDueRule(registry, (rule) => ({
        isDue: (event, now) => rule.isDue(event, now + 500),
        lookups: (event, now, limit) => rule.lookups(event, now + 500, limit),
        settle: (event, draft, limit) => {
          const later = draft as { now: number };
          later.now += 500;
          rule.settle(event, draft, limit);
          later.now -= 500;
        },
      })),
  },
  {
    name: 'a refusal is given while more is due than was read',
    causes: 'untrue refusal',
    story: STORY_OF_MANY_ENDS,
    plant: ({ registry }) =>
      changeDueRule(registry, (rule) => ({
        settle: (event, draft, limit) => {
          draft.fallBehind = () => undefined;
          rule.settle(event, draft, limit);
        },
      })),
  },
  {
    name: 'the moment of the next end is that of the last hold',
    causes: 'unbalanced books',
    plant: ({ registry }) =>
      changeKind(registry, 'hold', (kind) => ({
        decide: (command, draft) => {
          const outcome = kind.decide(command, draft);
          if (outcome?.kind !== 'done' || outcome.isReplay) return outcome;
          draft.changeEvent(command.eventId, { nextHoldExpiresAt: (outcome.result as Hold).expiresAt });
          return outcome;
        },
      })),
  },
  {
    name: 'an extension of the next hold hides the others',
    causes: 'unbalanced books',
    plant: ({ registry }) =>
      changeKind(registry, 'extendHold', (kind) => ({
        decide: (command, draft) => {
          const outcome = kind.decide(command, draft);
          if (outcome?.kind !== 'done') return outcome;
          draft.changeEvent(command.eventId, { nextHoldExpiresAt: (outcome.result as Hold).expiresAt });
          return outcome;
        },
      })),
  },
  {
    name: 'a hold that has ended is confirmed without a look at what is left',
    causes: 'sold against the rules',
    plant: ({ registry, inventory }) => {
      inventory.guard = (event, { revision }) => event.revision === revision;
      changeKind(registry, 'confirmHold', (kind) => ({
        decide: (command, draft) => {
          const available = draft.available.bind(draft);
          draft.available = () => 10;
          const outcome = kind.decide(command, draft);
          draft.available = available;
          return outcome;
        },
      }));
    },
  },
  {
    name: 'a hold that is over is released again',
    causes: 'ended twice',
    story: STORY_OF_THE_SLOW_RELEASE,
    plant: ({ holds, inventory }) => {
      inventory.guard = (event, { revision }) => event.revision === revision;
      const read = holds.read.bind(holds);
      const asActive = (hold: Hold): Hold => (hold.status === 'expired' ? { ...hold, status: 'active' } : hold);
      const update = holds.update.bind(holds);
      holds.update = (tx, changes) => update(tx, changes).catch(() => undefined);
      holds.read = async (...args) => (await read(...args)).map(asActive);
    },
  },
  {
    name: 'a user whose hold is over keeps its tickets in the count',
    causes: 'unbalanced books',
    plant: ({ registry }) =>
      changeDueRule(registry, (rule) => ({
        settle: (event, draft, limit) => {
          const put = draft.put.bind(draft);
          draft.put = (table, doc) => table.name !== USER_TICKETS.name && put(table, doc);
          rule.settle(event, draft, limit);
          draft.put = put;
        },
      })),
  },
  {
    name: 'confirming does not end the hold',
    causes: 'unbalanced books',
    plant: ({ holds }) => {
      const update = holds.update.bind(holds);
      holds.update = (tx, changes) =>
        update(
          tx,
          changes.filter(({ after }) => after.status !== 'confirmed'),
        );
    },
  },
];
