import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../src/common/progress.js';
import { findMongod } from '../../src/platform/database/mongod-binary.js';
import { LoadGenerator } from '../load/load-generator.js';
import type { HotCaseName, Options } from '../options.js';
import { conditions } from '../report/machine.js';
import type { Scope } from '../support/scope.js';
import { type Build, buildCommit, buildThis, haveSamePackages } from './build.js';
import { toLine, toMarkdown } from './report.js';
import { type HotBench, type Round, runRound } from './round.js';

const PAIR_LIMIT_MS = 3 * 60_000;

/**
 * Measures this build and that of a commit in turns, neither while the other one runs, and prints a table.
 * Returns whether all acknowledged bookings were there and all events balanced.
 */
export async function runAgainst(
  hash: string,
  { isQuick, pairs = isQuick ? 2 : 7, hotCases }: Options,
  scope: Scope,
  progress: Progress,
): Promise<boolean> {
  const [other, current] = [buildCommit(scope, hash), buildThis()];
  const bench: HotBench = {
    scope,
    mongod: await findMongod(process.env, (line) => progress.say(line)),
    load: LoadGenerator.start(scope),
    timing: isQuick
      ? { warmUpMs: 1_500, rampMs: 500, measureMs: 2_000 }
      : { warmUpMs: 6_000, rampMs: 1_000, measureMs: 5_000 },
    faults: [],
  };
  const rounds: Round[] = [];
  progress.begin('rounds', 2 * pairs);
  const running = runPairs(bench, [other, current], hotCases, pairs, (round) => {
    rounds.push(round);
    progress.add();
    progress.doing(toLine(round));
  });
  await Promise.race([running, sleep(pairs * PAIR_LIMIT_MS)]);
  progress.end();
  const notes = [
    ...(haveSamePackages(other, current) ? [] : [`${other.label} ran on the packages of this build, which differ.`]),
    ...(rounds.length < 2 * pairs ? ['The time was up before all pairs were measured.'] : []),
  ];
  const facts = conditions(`MongoDB ${rounds[0]?.mongodb ?? 'unknown'}`);
  console.log(toMarkdown(rounds, [other, current], hotCases, [...facts, ...notes]));
  for (const fault of bench.faults) console.error(`Off: ${fault}`);
  return bench.faults.length === 0;
}

/** Each pair begins with the build that the last one ended with, so that neither is always the first. */
async function runPairs(
  bench: HotBench,
  builds: readonly [Build, Build],
  cases: readonly HotCaseName[],
  pairs: number,
  onRound: (round: Round) => void,
): Promise<void> {
  for (let pair = 0; pair < pairs; pair++) {
    for (const build of pair % 2 === 0 ? builds : builds.toReversed()) {
      onRound(await runRound(bench, build, cases));
    }
  }
}
