import { describe, expect, it } from '@jest/globals';
import type { EventEdit } from '../../src/events/event-edit.js';
import { configurationOf } from '../../src/events/event.js';
import { aDeletion, anEdit, type GivenToEdit, planEdits } from '../support/edit-plan.js';
import {
  aBooking,
  aCancellation,
  anEvent,
  anEventWith,
  aSection,
  counts,
  EVENT_ID,
  idOf,
  NOW,
  storedBooking,
} from '../support/factories.js';

const [FIRST, SECOND, THIRD] = [idOf(1), idOf(2), idOf(3)];
const [EDIT, OTHER_EDIT] = [idOf(0xed), idOf(0xee)];
const [STALLS, BALCONY, BOXES] = [idOf(0xa), idOf(0xb), idOf(0xc)];

describe('an edit behind bookings of the same batch', () => {
  it('can remove what they leave', () => {
    const { verdicts, lines, eventsAfter } = planEdits([aBooking(FIRST, 4), anEdit(EDIT, { totalTickets: 4 })]);
    expect(verdicts).toEqual(['done', 'done']);
    expect(lines).toEqual(['booked 4', 'removed 6']);
    expect(eventsAfter).toEqual([anEvent({ ...counts(0, 4), totalTickets: 4, version: 2, revision: 8 })]);
  });

  it('can not remove what they have taken, and changes nothing then', () => {
    const { verdicts, lines, edits, eventsAfter } = planEdits([
      aBooking(FIRST, 4),
      anEdit(EDIT, { totalTickets: 3, name: 'Matinee' }),
      aBooking(SECOND, 1),
    ]);
    expect(verdicts).toEqual(['done', 'capacity_in_use', 'done']);
    expect([lines, edits]).toEqual([['booked 4', 'booked 1'], []]);
    expect(eventsAfter).toEqual([anEvent({ ...counts(5, 5), revision: 8 })]);
  });

  it('can remove what a cancellation has given back', () => {
    const sold = storedBooking(FIRST, [{ sectionId: undefined, quantity: 3 }]);
    const { verdicts, eventsAfter } = planEdits([aCancellation(FIRST), anEdit(EDIT, { totalTickets: 1 })], {
      event: anEvent(counts(0, 4)),
      bookings: [sold],
    });
    expect(verdicts).toEqual(['done', 'done']);
    expect(eventsAfter[0]).toMatchObject({ totalTickets: 1, ...counts(0, 1) });
  });

  it('answers with the event as the whole batch leaves it', () => {
    const { outcomes, eventsAfter } = planEdits([aBooking(FIRST, 4), anEdit(EDIT, { totalTickets: 20 })]);
    expect(outcomes[1]).toEqual({ kind: 'done', result: eventsAfter[0], isReplay: false });
  });
});

describe('commands behind an edit', () => {
  it('wait for the next transaction, and write nothing in this one', () => {
    const sold = storedBooking(THIRD, [{ sectionId: undefined, quantity: 1 }]);
    const { verdicts, lines, bookedIds, changes, refusing } = planEdits(
      [aBooking(FIRST, 1), anEdit(EDIT, { totalTickets: 20 }), aBooking(SECOND, 1), aCancellation(THIRD)],
      { event: anEvent(counts(5, 1)), bookings: [sold] },
    );
    expect(verdicts).toEqual(['done', 'done', 'waits', 'waits']);
    expect([lines, bookedIds, refusing]).toEqual([['booked 1', 'added 14'], [FIRST], []]);
    expect([...changes].filter(([, made]) => made.length > 0).map(([table]) => table)).toEqual([
      'bookings',
      'eventEdits',
    ]);
  });

  it('are not refused for want of tickets that it has added', () => {
    const given = { event: anEvent(counts(0, 5)) };
    expect(planEdits([anEdit(EDIT, { totalTickets: 6 }), aBooking(FIRST, 1)], given).verdicts).toEqual([
      'done',
      'waits',
    ]);
  });

  it('wait for a limit for each user: their counts were not read', () => {
    const { verdicts, bookedIds, eventsAfter } = planEdits([
      anEdit(EDIT, { maxTicketsPerUser: 1 }),
      aBooking(FIRST, 2),
      aBooking(SECOND, 1),
    ]);
    expect(verdicts).toEqual(['done', 'waits', 'waits']);
    expect([bookedIds, eventsAfter[0]?.maxTicketsPerUser]).toEqual([[], 1]);
  });

  it('do not wait where it is refused', () => {
    const stale = anEdit(EDIT, { name: 'Matinee' }, [9]);
    const { verdicts, edits } = planEdits([stale, aBooking(FIRST, 1)]);
    expect(verdicts).toEqual(['precondition_failed', 'done']);
    expect(edits).toEqual([]);
  });

  it('wait where it changes nothing: its answer depends on the event as it is', () => {
    const same = anEdit(OTHER_EDIT, { name: 'Concert Night' });
    const { verdicts, edits, reliedOn } = planEdits([same, aBooking(FIRST, 1)]);
    expect(verdicts).toEqual(['done', 'waits']);
    expect([edits, reliedOn]).toEqual([[], [EVENT_ID]]);
  });
});

describe('two edits of one batch with the same version', () => {
  const [first, second] = [anEdit(EDIT, { name: 'Matinee' }), anEdit(OTHER_EDIT, { name: 'Late Night' })];

  it('are not both applied: the second waits, and is refused with what the first has made', () => {
    const both = planEdits([first, second]);
    expect(both.verdicts).toEqual(['done', 'waits']);
    expect(both.edits.map(({ id, version }) => [id, version])).toEqual([[EDIT, 2]]);

    const next = planEdits([second], { event: both.eventsAfter[0]! });
    expect(next.verdicts).toEqual(['precondition_failed']);
    expect([next.movements, next.edits, next.refusing]).toEqual([[], [], [EVENT_ID]]);
  });
});

describe('a later attempt of an edit', () => {
  const patch = { name: 'Matinee', totalTickets: 12 };
  const edited = anEvent({ ...counts(12), name: 'Matinee', version: 2, revision: 8 });
  const made: EventEdit = {
    id: EDIT,
    eventId: EVENT_ID,
    kind: 'edited',
    version: 2,
    at: NOW,
    by: undefined,
    before: configurationOf(anEvent()),
  };
  const given: GivenToEdit = { event: edited, edits: [made], mayHaveCommitted: true };

  it('that finds it succeeds, and does nothing again', () => {
    const { verdicts, lines, edits, eventsAfter } = planEdits([anEdit(EDIT, patch)], given);
    expect(verdicts).toEqual(['done']);
    expect([lines, edits]).toEqual([[], []]);
    expect(eventsAfter).toEqual([{ ...edited, revision: 9 }]);
  });

  it('that finds the edit of another is refused', () => {
    expect(planEdits([anEdit(OTHER_EDIT, patch)], given).verdicts).toEqual(['precondition_failed']);
  });

  it('of a deletion finds that as well, though the event is gone', () => {
    const { event: _, ...gone } = { ...given, edits: [{ ...made, kind: 'deleted' as const }] };
    const { verdicts, movements } = planEdits([aDeletion(EDIT)], { ...gone, event: anEvent({ id: idOf(0xf) }) });
    expect([verdicts, movements]).toEqual([['done'], []]);
  });
});

describe('an edit of one section', () => {
  const event = anEventWith([aSection(STALLS, counts(5)), aSection(BALCONY, counts(2, 3))]);
  const lines = (sectionId: string, quantity: number) => [{ sectionId, quantity }];
  const ofStalls = (capacity: number) => anEdit(EDIT, { sections: [patchOf(STALLS, { capacity })] });
  const patchOf = (id: string, more: object) => ({ id, isNew: false, remove: false, ...more });

  it('leaves the tickets of the others as the bookings before it do', () => {
    const { verdicts, eventsAfter } = planEdits([aBooking(FIRST, lines(BALCONY, 2)), ofStalls(3)], { event });
    expect(verdicts).toEqual(['done', 'done']);
    expect(eventsAfter[0]).toMatchObject({
      totalTickets: 8,
      ...counts(3, 5),
      sections: [
        { id: STALLS, capacity: 3, ...counts(3) },
        { id: BALCONY, capacity: 5, ...counts(0, 5) },
      ],
    });
  });

  it('counts what was booked of it alone', () => {
    const booked = [aBooking(FIRST, lines(STALLS, 3)), aBooking(SECOND, lines(BALCONY, 1))];
    expect(planEdits([...booked, ofStalls(3)], { event }).verdicts).toEqual(['done', 'done', 'done']);
    expect(planEdits([...booked, ofStalls(2)], { event }).verdicts).toEqual(['done', 'done', 'capacity_in_use']);
  });

  it('renames, adds and removes others beside bookings, whose counts stay', () => {
    const sections = [
      patchOf(STALLS, { name: 'Floor' }),
      { id: BOXES, isNew: true, remove: false, name: 'Boxes', capacity: 2 },
    ];
    const { eventsAfter } = planEdits([aBooking(FIRST, lines(STALLS, 2)), anEdit(EDIT, { sections })], { event });
    expect(eventsAfter[0]).toMatchObject({ totalTickets: 12, ...counts(7, 5) });
    expect(eventsAfter[0]!.sections).toEqual([
      aSection(STALLS, { ...counts(3, 2), name: 'Floor' }),
      aSection(BALCONY, counts(2, 3)),
      aSection(BOXES, { ...counts(2), name: 'Boxes' }),
    ]);
  });

  it('that removes one waits where a command before it may have used that', () => {
    const removal = anEdit(EDIT, { sections: [patchOf(STALLS, { remove: true })] });
    const booking = aBooking(FIRST, lines(STALLS, 1));
    const behind = planEdits([booking, aCancellation(FIRST), removal], { event });
    expect(behind.verdicts).toEqual(['done', 'done', 'waits']);
    expect([behind.lines, behind.edits]).toEqual([['booked 1', 'cancelled 1'], []]);
    expect(planEdits([booking, removal], { event }).verdicts).toEqual(['done', 'section_in_use']);

    const uses = [{ eventId: EVENT_ID, sectionId: STALLS }];
    expect(planEdits([removal], { event, uses }).verdicts).toEqual(['section_in_use']);
    const alone = planEdits([removal], { event });
    expect([alone.verdicts, alone.lines]).toEqual([['done'], ['removed 5']]);
    expect(alone.eventsAfter[0]!.sections.map(({ id }) => id)).toEqual([BALCONY]);
  });
});

describe('a deletion', () => {
  it('waits behind a booking of the same batch, which it would lose', () => {
    const { verdicts, movements, edits } = planEdits([aBooking(FIRST, 1), aDeletion(EDIT), aBooking(SECOND, 1)]);
    expect(verdicts).toEqual(['done', 'waits', 'done']);
    expect([movements.some(({ isLast }) => isLast), edits]).toEqual([false, []]);
  });

  it('is refused where the event was used', () => {
    const uses = [{ eventId: EVENT_ID, sectionId: undefined }];
    const { verdicts, movements } = planEdits([aDeletion(EDIT)], { uses });
    expect([verdicts, movements]).toEqual([['event_in_use'], []]);
  });

  it('removes all that the event has, lets the others wait, and leaves no event behind', () => {
    const event = anEventWith([aSection(STALLS), aSection(BALCONY, counts(2))]);
    const { verdicts, movements, lines, eventsAfter, edits } = planEdits([aDeletion(EDIT), aBooking(FIRST, 1)], {
      event,
    });
    expect(verdicts).toEqual(['done', 'waits']);
    expect([lines, eventsAfter]).toEqual([['removed 10', 'removed 2'], []]);
    expect(movements).toMatchObject([{ revision: 7, isLast: true }]);
    expect(edits).toMatchObject([{ id: EDIT, kind: 'deleted', version: 2, before: configurationOf(event) }]);
  });
});
