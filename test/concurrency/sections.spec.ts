import { describe } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Answer } from '../support/api.js';
import { bookedOf, checkAnswers, compare, isSoldOut, itHolds, times } from '../support/race.js';
import { randomFrom } from '../support/random.js';

interface Item {
  readonly sectionId: string;
  readonly quantity: number;
}

describe('callers with different quantities for several sections at once', () => {
  itHolds('sells no section twice, no booking in part, and refuses only what is not there', async (running) => {
    const { api, db } = running;
    const random = randomFrom(20_261);
    const capacities = [30, 45, 60, 15];
    const event = await api.createEvent({
      sections: capacities.map((capacity, index) => ({ name: `Section ${index}`, capacity })),
    });
    const wishes = times(240, (): Item[] =>
      times(1 + Math.floor(random() * 3), () => ({
        sectionId: event.sections[Math.floor(random() * capacities.length)]._id,
        quantity: 1 + Math.floor(random() * 3),
      })),
    );

    const answers = await Promise.all(wishes.map((items) => api.bookUntilAnswered(event._id, { items })));

    // Nothing is returned in this race, so what was refused must still not be there.
    const left = await availableBySection(db, event._id);
    const falselyRefused = wishes.filter((items, index) => {
      return isSoldOut(answers[index]!) && [...sumBySection(items)].every(([id, wanted]) => left.get(id)! >= wanted);
    });
    return [
      ...(await checkAnswers(running, answers)),
      ...compare('callers falsely refused', 0, falselyRefused.length),
      ...checkWhole(wishes, answers),
    ];
  });
});

describe('two sections of which one has a single ticket', () => {
  itHolds('sells that ticket once, however many the other one has', async (running) => {
    const { api } = running;
    const event = await api.createEvent({
      sections: [
        { name: 'Balcony', capacity: 1 },
        { name: 'Stalls', capacity: 100 },
      ],
    });
    const [balcony, stalls] = event.sections;

    const answers = await Promise.all(
      times(60, (caller) => {
        return api.bookUntilAnswered(event._id, { sectionId: caller % 3 === 0 ? stalls._id : balcony._id });
      }),
    );

    const sold = (section: { _id: string }) =>
      bookedOf(answers).filter(({ items }) => items[0]!.sectionId === section._id).length;
    return [
      ...(await checkAnswers(running, answers)),
      ...compare('balcony tickets sold', 1, sold(balcony)),
      ...compare('stalls tickets sold', 20, sold(stalls)),
    ];
  });
});

/** Every booking has all that was asked for. */
function checkWhole(wishes: readonly (readonly Item[])[], answers: readonly Answer[]): string[] {
  return wishes.flatMap((items, index) => {
    const { status, body } = answers[index]!;
    if (status !== 201) return [];
    const booked = new Map<string, number>(body.booking.items.map((item: Item) => [item.sectionId, item.quantity]));
    return [...sumBySection(items)].flatMap(([id, wanted]) =>
      compare(`quantity booked in ${id}`, wanted, booked.get(id)!),
    );
  });
}

function sumBySection(items: readonly Item[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sectionId, quantity } of items) sums.set(sectionId, (sums.get(sectionId) ?? 0) + quantity);
  return sums;
}

async function availableBySection(db: mongo.Db, eventId: string): Promise<Map<string, number>> {
  const event = await db.collection('events').findOne({ _id: new mongo.ObjectId(eventId) });
  const sections: { _id: mongo.ObjectId; availableTickets: number }[] = event!['sections'];
  return new Map(sections.map((section) => [String(section._id), section.availableTickets]));
}
