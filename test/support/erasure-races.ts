import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { ErasuresRepository } from '../../src/erasure/store/erasures.repository.js';
import { type Erasure, newPseudonym } from '../../src/erasure/erasure.js';
import { ERASURES } from '../../src/erasure/decide/erasures.js';
import type { Answer, Api } from './api.js';
import { dump } from './dump.js';
import { untilAnswered } from './hold-races.js';
import type { Control } from './race.js';

/** Looks like nothing else that is stored. A dollar sign must not make it a field. */
export const ZOE = '$zoe.miller@example.org';

const PSEUDONYM = /erased-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Erases the user, as often as it takes until that is done. Returns all answers. */
export async function erase(api: Api, userId: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    const answer = await untilAnswered(() => api.post('/users/erase', { userId }));
    answers.push(answer);
    if (answer.status !== 200 || answer.body.done) return answers;
  }
}

/** The names of the collections in which the text is found. */
export async function collectionsWith(db: mongo.Db, text: string): Promise<string[]> {
  const stored = Object.entries(await dump(db));
  return stored.filter(([, documents]) => JSON.stringify(documents).includes(text)).map(([name]) => name);
}

/** All pseudonyms that are stored. */
export async function pseudonymsIn(db: mongo.Db): Promise<string[]> {
  return [...new Set(JSON.stringify(await dump(db)).match(PSEUDONYM))];
}

/** What is wrong where one part of a booking, its hold and its history names another user than the others do. */
export async function findHalves(db: mongo.Db): Promise<string[]> {
  const [bookings, holds, changes] = await Promise.all(
    ['bookings', 'holds', 'bookingChanges'].map((name) => db.collection(name).find().sort({ number: 1 }).toArray()),
  );
  return bookings!.flatMap(({ _id, userId, bought }) => {
    const buyer: unknown = bought?.userId ?? userId;
    let holder = buyer;
    const halves: string[] = [];
    const check = (what: string, found: unknown, expected: unknown) => {
      if (found !== expected) halves.push(`${what} of ${String(_id)}: ${String(found)} instead of ${String(expected)}`);
    };
    const hold = holds!.find((each) => each._id.equals(_id));
    if (hold) check('the hold', hold['userId'], buyer);
    for (const { bookingId, kind, from, after } of changes!.filter((each) => each['bookingId'].equals(_id))) {
      if (kind === 'transferred') check(`the giver in the history of ${String(bookingId)}`, from, holder);
      else check('a cancellation', after.userId, holder);
      holder = after.userId;
    }
    check('the last change', holder, userId);
    return halves;
  });
}

/** By pseudonym: at how many events its erasure has arrived. */
const reached = new Map<string, number>();
const TURNS_MAX = 30;

function isAhead(pseudonym: string): boolean {
  return (reached.get(pseudonym) ?? 0) > Math.min(...reached.values());
}

/** Every call has a pseudonym of its own, and nothing is stored of it. */
class UnstoredErasures extends ErasuresRepository {
  private readonly begun = new Map<string, string>();

  override readonly table = ERASURES;

  override async begin(userId: string): Promise<string> {
    const pseudonym = newPseudonym();
    this.begun.set(pseudonym, userId);
    reached.clear();
    // Until all who have found the user are here.
    await sleep(200);
    reached.set(pseudonym, 0);
    return pseudonym;
  }

  override async read(...[tx, lookups]: Parameters<ErasuresRepository['read']>): Promise<Erasure[]> {
    const pseudonyms = lookups.map(({ value }) => value);
    if (tx.attempt.number === 1) for (const each of pseudonyms) reached.set(each, (reached.get(each) ?? 0) + 1);
    // Whoever is ahead waits for the others, on both instances: who is first is open again at every event.
    for (let turns = 0; turns < TURNS_MAX && pseudonyms.some(isAhead); turns++) await sleep(10);
    await sleep(20 * Math.random());
    const rest = { startedAt: 0, by: undefined, last: undefined };
    return lookups.map(({ value }) => ({ pseudonym: value, userId: this.begun.get(value), ...rest }));
  }

  override update(): Promise<void> {
    return Promise.resolve();
  }
}

export const PSEUDONYMS: Control = {
  without: 'a stored pseudonym',
  override: (builder) => builder.overrideProvider(ErasuresRepository).useClass(UnstoredErasures),
};
