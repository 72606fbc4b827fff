import { EVENT_EDITS } from '../../../src/event-edits/decide/tables.js';
import type { EditEventCommand } from '../../../src/event-edits/decide/edit-event.js';
import { within } from '../../../src/bookings/decide/table.js';
import type { Event, EventEdit, Movement } from '../../../src/events/index.js';
import { HOLDS } from '../../../src/holds/hold.js';
import { decideOn, replaced } from '../../support/registrations.js';
import { changeDueRule, changeKind, changePlan } from './changes.js';
import type { PlantedBug } from './planted-bugs.js';
import { hasTerms, hasTickets } from './simulated-inventory.js';
import type { Parts } from './simulated-process.js';
import {
  STORY_OF_THE_GIVEN_UP_HOLDS,
  STORY_OF_THE_LATE_EXTENSION,
  STORY_OF_THE_LOST_DELETION,
  STORY_OF_THE_LOST_EDIT,
  STORY_OF_THE_NEW_LIMIT,
  STORY_OF_THE_OLD_NEWS,
  STORY_OF_THE_UNDONE_EDIT,
  STORY_OF_THE_USED_SECTION,
} from './stories-of-edits.js';

/** Mistakes in how an organiser changes an event. */
export const PLANTED_IN_EDITS: readonly PlantedBug[] = [
  {
    name: 'an edit does not close its event',
    // The counts' store notices it.
    causes: 'broken process',
    story: STORY_OF_THE_NEW_LIMIT,
    plant: neverClose,
  },
  {
    name: 'an edit does not close its event, and a count that was not read is nothing',
    causes: 'out of order',
    story: STORY_OF_THE_NEW_LIMIT,
    plant: (parts) => {
      neverClose(parts);
      parts.userTickets.insert = () => Promise.resolve();
    },
  },
  {
    name: 'a capacity is less than what is held and sold',
    causes: 'edited against the rules',
    plant: ({ registry, inventory }) => {
      changeKind(registry, 'editEvent', (kind) => decideOn(kind, () => ({ available: () => 10 })));
      inventory.guard = (event, movement) => event.revision === movement.revision && hasTerms(event, movement);
    },
  },
  {
    name: 'the version that the organiser has seen is not compared',
    causes: 'edited against the rules',
    plant: ({ registry }) =>
      changeKind(registry, 'editEvent', (kind) => ({
        decide: (command, draft) => {
          const anyVersion: EditEventCommand = { ...(command as EditEventCommand), versions: undefined };
          return kind.decide(anyVersion, draft);
        },
      })),
  },
  {
    name: 'an edit overwrites counts with those that it has read',
    causes: 'unbalanced books',
    plant: ({ service, inventory }) => {
      const edited = new Map<Movement, Event>();
      changePlan(service, async (plan, commands) => {
        const made = await plan(commands);
        for (const movement of made.movements.filter(({ changes }) => changes?.version !== undefined)) {
          edited.set(
            movement,
            made.eventsAfter.find(({ id }) => id === movement.eventId)!,
          );
        }
        return made;
      });
      const { guard, write } = inventory;
      inventory.guard = (event, movement) => edited.has(movement) || guard(event, movement);
      inventory.write = (event, movement) => edited.get(movement) ?? write(event, movement);
    },
  },
  {
    name: 'a sale does not notice that its event was edited',
    causes: 'sold against the rules',
    plant: ({ inventory }) => (inventory.guard = hasTickets),
  },
  {
    name: 'a later attempt does not look for the edit that an earlier one has made',
    causes: 'denied, but done',
    story: STORY_OF_THE_LOST_EDIT,
    plant: findNoEdits,
  },
  {
    name: 'a later attempt makes the edit of an earlier one again',
    causes: 'edited twice',
    story: STORY_OF_THE_UNDONE_EDIT,
    plant: findNoEdits,
  },
  {
    name: 'a later attempt does not look for the deletion of an earlier one',
    causes: 'denied, but done',
    story: STORY_OF_THE_LOST_DELETION,
    plant: findNoEdits,
  },
  {
    name: 'that an edit changes nothing rests on memory',
    causes: 'acknowledged, not done',
    story: STORY_OF_THE_OLD_NEWS,
    plant: ({ registry }) =>
      changeKind(registry, 'editEvent', (kind) => decideOn(kind, () => ({ relyOn: () => undefined }))),
  },
  {
    name: 'a command behind an edit that changes nothing changes what its revision has',
    causes: 'acknowledged, not done',
    plant: ({ registry }) =>
      changeKind(registry, 'editEvent', (kind) =>
        decideOn(kind, (draft) => ({
          changeEvent: (id, changes) => {
            draft.changeEvent(id, changes);
            draft.close(id);
          },
          close: () => undefined,
        })),
      ),
  },
  {
    name: 'a section that was used is removed',
    causes: 'edited against the rules',
    story: STORY_OF_THE_USED_SECTION,
    plant: ({ eventUses }) => (eventUses.read = () => Promise.resolve([])),
  },
  {
    name: 'a hold of a cancelled event is extended',
    causes: 'sold against the rules',
    story: STORY_OF_THE_LATE_EXTENSION,
    plant: ({ registry }) =>
      changeKind(registry, 'extendHold', (kind) => decideOn(kind, () => ({ findEvent: () => undefined }))),
  },
  {
    name: 'the next end of a cancelled event is that of its next hold',
    causes: 'not given back',
    story: STORY_OF_THE_GIVEN_UP_HOLDS,
    plant: ({ registry }) =>
      changeDueRule(registry, (rule) => ({
        settle: (event, draft, limit) => {
          const endsOf = () => draft.list(HOLDS).flatMap((hold) => (hold.status === 'active' ? hold.expiresAt : []));
          const changeEvent = () => draft.changeEvent(event.id, { nextHoldExpiresAt: Math.min(...endsOf()) });
          rule.settle(event, replaced(draft, { changeEvent }), limit);
        },
      })),
  },
];

function neverClose({ registry }: Parts): void {
  changeKind(registry, 'editEvent', (kind) => decideOn(kind, () => ({ close: () => undefined })));
}

/** Edits are not found by their ids, and only their versions are unique. */
function findNoEdits({ eventEdits }: Parts): void {
  const namesOf = ({ eventId, version }: EventEdit): [string] => [within(eventId, String(version))];
  Object.assign(eventEdits, { table: { ...EVENT_EDITS, namesOf } });
  eventEdits.read = () => Promise.resolve([]);
}
