import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { Api } from './api.js';
import { openEvents, readFinalState } from './box-office.js';
import { checkHistory } from './check-history.js';
import { Crowd } from './crowd.js';
import { Desk } from './desk.js';
import type { FinalState, History } from './history.js';
import { Random } from './random.js';
import { type Row, toRow } from './report.js';
import type { Fault, Scenario } from './scenario.js';
import type { Violation } from './violation.js';
import { until } from './wait.js';
import type { Workspace } from './workspace.js';

/** Between two faults so many bookings and holds have to be acknowledged; else the product has not recovered. */
const BOOKED_BETWEEN_FAULTS = 80;
const RECOVERY_TIMEOUT_MS = 60_000;
const PAUSE_MS = { from: 200, to: 1_000 };
const RETURNED_IN_THE_END = 30;

export interface Plan {
  readonly callers: number;
  /** How many faults there are. */
  readonly rounds: number;
  readonly seed: number;
  /** The path of the mongod to run. */
  readonly mongod: string;
}

/** What happened, and every promise that was broken. */
interface Result {
  readonly row: Row;
  readonly violations: readonly Violation[];
}

/** Runs the scenario in the workspace, and checks what came of it. Where that is bad, the history is left there too. */
export async function runScenario(scenario: Scenario, plan: Plan, workspace: Workspace): Promise<Result> {
  const { urls, faults, uri } = await scenario.set(workspace, plan.mongod);
  const random = new Random(plan.seed);
  const api = new Api(urls, random);
  const { events, quiet } = await openEvents(api);
  const desk = new Desk(api, events, quiet);
  const crowd = new Crowd(api, desk, plan.seed, plan.callers);
  const { history } = desk;
  try {
    const fromMs = performance.now();
    await Promise.all([crowd.run(), breakRepeatedly(faults, plan.rounds, desk, random).finally(() => crowd.stop())]);
    const toMs = performance.now();
    await crowd.resolve();
    await crowd.sellReturned(RETURNED_IN_THE_END);

    const final = await readDocuments(uri(), (db) => readFinalState(api, [...events, quiet], db));
    const violations = checkHistory(history, final);
    if (violations.length > 0) keep(workspace, { violations, history, final });
    const verdict = violations.length === 0 ? 'ok' : `${violations.length} violations`;
    return { row: toRow(scenario.name, plan.rounds, history, { fromMs, toMs }, verdict), violations };
  } catch (error) {
    keep(workspace, { error: String(error), history });
    throw error;
  } finally {
    api.close();
  }
}

async function breakRepeatedly(faults: readonly Fault[], rounds: number, desk: Desk, random: Random): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await untilBooking(desk);
    await sleep(random.integer(PAUSE_MS.from, PAUSE_MS.to));
    await faults[round % faults.length]?.(desk);
  }
  await untilBooking(desk);
}

async function untilBooking(desk: Desk): Promise<void> {
  const enough = desk.acknowledged + BOOKED_BETWEEN_FAULTS;
  await until('bookings are acknowledged again', RECOVERY_TIMEOUT_MS, () => desk.acknowledged >= enough);
}

async function readDocuments<Result>(uri: string, read: (db: mongo.Db) => Promise<Result>): Promise<Result> {
  const client = new mongo.MongoClient(uri, { readConcernLevel: 'majority' });
  try {
    return await read(client.db('ticket-booking'));
  } finally {
    await client.close();
  }
}

function keep(workspace: Workspace, found: { history: History; final?: FinalState; [name: string]: unknown }): void {
  writeFileSync(join(workspace.folder, 'history.json'), JSON.stringify(found, null, 1));
}
