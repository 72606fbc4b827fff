import type { ClosingRule, FreeingRule } from '../../../src/bookings/decide/command.js';
import { ENTRIES } from '../../../src/waitlist/entry.js';
import { decideOn, replaced } from '../../support/registrations.js';
import { changeKind } from './changes.js';
import type { PlantedBug } from './planted-bugs.js';
import type { Parts } from './simulated-process.js';
import {
  STORY_OF_THE_ENDED_OFFER,
  STORY_OF_THE_LOST_WAKE_UP,
  STORY_OF_THE_NEXT_IN_THE_BATCH,
  STORY_OF_THE_PAUSE,
} from './stories-of-waiting.js';

/** Mistakes in who gets what becomes free. */
export const PLANTED_IN_WAITING: readonly PlantedBug[] = [
  {
    name: 'what became free is for everybody',
    causes: 'sold against the rules',
    story: STORY_OF_THE_NEXT_IN_THE_BATCH,
    plant: ({ registry }) => void registry.freeingRules.splice(0),
  },
  {
    name: 'what became free is offered to nobody',
    causes: 'not handed over',
    plant: ({ registry }) => void registry.closingRules.splice(0),
  },
  {
    name: 'the first who waits is passed over',
    causes: 'not handed over',
    plant: changeClosing((rule) => ({
      close: (draft) => {
        const list: typeof draft.list = (table) =>
          table.name === ENTRIES.name ? draft.list(table).slice(1) : draft.list(table);
        rule.close(replaced(draft, { list }));
      },
    })),
  },
  {
    name: 'what is given back during a pause is for everybody',
    causes: 'not handed over',
    story: STORY_OF_THE_PAUSE,
    plant: changeClosing((rule) => ({
      close: (draft) => {
        const isPaused = draft.events.some(({ status }) => status === 'paused');
        rule.close(isPaused ? replaced(draft, { withheldOf: () => 0 }) : draft);
      },
    })),
  },
  {
    name: 'what is reserved during a pause is forgotten',
    causes: 'unbalanced books',
    story: STORY_OF_THE_PAUSE,
    plant: changeClosing((rule) => ({
      close: (draft) => {
        const changeEvent: typeof draft.changeEvent = (id, { waitlist, ...rest }) =>
          draft.changeEvent(id, { ...rest, ...(waitlist && { waitlist: { ...waitlist, reserved: [] } }) });
        rule.close(replaced(draft, { changeEvent }));
      },
    })),
  },
  {
    name: 'the same ticket is offered twice',
    // The guard notices it.
    causes: 'broken process',
    story: STORY_OF_THE_ENDED_OFFER,
    plant: changeClosing((rule) => ({
      close: (draft) => {
        rule.close(draft);
        rule.close(draft);
      },
    })),
  },
  {
    name: 'the end of an offer is not noted in its entry',
    causes: 'unbalanced books',
    story: STORY_OF_THE_ENDED_OFFER,
    plant: changeClosing((rule) => ({ close: (draft) => rule.close(replaced(draft, { listPut: () => [] })) })),
  },
  {
    name: 'what an ended offer gives back is for everybody',
    causes: 'not handed over',
    story: STORY_OF_THE_ENDED_OFFER,
    plant: ({ registry }) => {
      const [rule] = registry.freeingRules;
      const whenFreed: FreeingRule['whenFreed'] = (event, sectionIds, draft) => {
        if (event.waitlist?.lastNumber === event.waitlist?.waiting) rule!.whenFreed(event, sectionIds, draft);
      };
      registry.freeingRules.splice(0, 1, { whenFreed });
    },
  },
  {
    name: 'an entry is written without its event',
    causes: 'unbalanced books',
    story: STORY_OF_THE_LOST_WAKE_UP,
    plant: ({ registry }) =>
      changeKind(registry, 'joinWaitlist', (kind) =>
        decideOn(kind, () => ({ changeEvent: () => undefined, move: () => undefined })),
      ),
  },
];

function changeClosing(change: (rule: ClosingRule) => ClosingRule): (parts: Parts) => void {
  return ({ registry }) => {
    const [rule] = registry.closingRules;
    registry.closingRules.splice(0, 1, change(rule!));
  };
}
