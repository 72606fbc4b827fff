import { expect, it } from '@jest/globals';
import type { Answer } from './api.js';
import { findImbalances } from './check-books.js';
import { type AppOptions, type RunningApp, startApp } from './start-app.js';
import { withoutWalls } from './unsafe.js';

/** Races callers against each other. Returns a sentence for everything that is wrong afterwards. */
export type Race = (running: RunningApp) => Promise<string[]>;

/** The product with something taken away by provider override. A race that still goes well on it proves nothing. */
export interface Control {
  /** What is missing, in a few words. */
  readonly without: string;
  readonly override: NonNullable<AppOptions['override']>;
}

export const WALLS: Control = { without: 'transaction, guards and queue', override: withoutWalls };

/** A control goes wrong by its construction. Where a machine spoils that once, the race is repeated. */
const TRIES_MAX = 3;

/**
 * Two tests or more: the race on the product, and the same race on each of the controls, which has to go wrong.
 * `start` says how the product is started for one of them; what a control overrides, it overrides on top of that.
 */
export function itHolds(
  promise: string,
  race: Race,
  controls: readonly Control[] = [WALLS],
  start: () => AppOptions = () => ({}),
): void {
  const holds = async () => expect(await runRace(race, start())).toEqual([]);
  it(promise, holds);

  const goesWrong = async ({ without, override }: Control) => {
    let spoiled: unknown;
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const options = start();
      const both: Control['override'] = (builder) => override(options.override?.(builder) ?? builder);
      try {
        if ((await runRace(race, { ...options, override: both })).length > 0) return;
      } catch (error) {
        // A connection that broke under the load shows nothing about the race.
        spoiled = error;
      }
    }
    const cause = spoiled === undefined ? {} : { cause: spoiled };
    throw new Error(`No race in ${TRIES_MAX} went wrong without ${without}: it proves nothing.`, cause);
  };
  it.each(controls)('goes wrong without $without (negative control)', goesWrong);
}

/** Races on two instances of the same product, on one database. */
export async function withAnother(
  running: RunningApp,
  race: (other: RunningApp) => Promise<string[]>,
): Promise<string[]> {
  const other = await startApp({ uri: running.uri, override: running.override, config: running.config });
  try {
    return await race(other);
  } finally {
    await other.close();
  }
}

async function runRace(race: Race, options: AppOptions): Promise<string[]> {
  const running = await startApp(options);
  try {
    const faults = await race(running);
    const imbalances = await findImbalances(running.db);
    return [...faults, ...imbalances.map((imbalance) => JSON.stringify(imbalance))];
  } finally {
    await running.close();
  }
}

/** The sentence, where it is not so. */
export function claim(sentence: string, isTrue: boolean): string[] {
  return isTrue ? [] : [`not so: ${sentence}`];
}

/** The sentence "`what`: expected …, found …" where the two differ. */
export function compare<Value extends boolean | number | string>(
  what: string,
  expected: Value,
  found: Value,
): string[] {
  return expected === found ? [] : [`${what}: expected ${expected}, found ${found}`];
}

/**
 * What is wrong with the answers themselves: each has to be a booking of its own, or a refusal for want of tickets.
 * `outcome_unknown` is an honest answer of a machine that is too slow.
 */
export async function checkAnswers({ db }: RunningApp, answers: readonly Answer[]): Promise<string[]> {
  const booked = bookedOf(answers);
  const odd = answers.filter(
    ({ status, body }) => status !== 201 && !isUnknown({ body }) && !isSoldOut({ status, body }),
  );
  const stored = new Set((await db.collection('bookings').find().toArray()).map(({ _id }) => String(_id)));
  const ids = new Set(booked.map(({ _id }) => _id));
  return [
    ...odd.map(({ status, body }) => `answered ${status} ${JSON.stringify(body)}`),
    ...compare('different bookings acknowledged', booked.length, ids.size),
    ...compare('acknowledged bookings that are stored', booked.length, [...ids].filter((id) => stored.has(id)).length),
  ];
}

interface BookedTickets {
  readonly _id: string;
  readonly quantity: number;
  readonly items: readonly { readonly sectionId?: string; readonly quantity: number }[];
}

export function bookedOf(answers: readonly Answer[]): BookedTickets[] {
  return answers.flatMap(({ status, body }) => (status === 201 ? [body.booking] : []));
}

export function isSoldOut({ status, body }: Pick<Answer, 'status' | 'body'>): boolean {
  return (
    status === 409 &&
    body.message === 'No tickets available' &&
    ['sold_out', 'not_enough_tickets'].includes(body.code as string)
  );
}

/** Whether the caller was not told what became of the booking. */
export function isUnknown({ body }: Pick<Answer, 'body'>): boolean {
  return body.code === 'outcome_unknown';
}

/** What is wrong with how many bookings were acknowledged: those of callers who were not told may be missing. */
export function checkAcknowledged(expected: number, answers: readonly Answer[]): string[] {
  const found = bookedOf(answers).length;
  const unknown = answers.filter(isUnknown).length;
  return found <= expected && found >= expected - unknown
    ? []
    : [`bookings acknowledged: expected ${expected}, found ${found}, unknown ${unknown}`];
}

export function times<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
