import { existsSync } from 'node:fs';
import { Progress } from '../src/common/progress.js';
import { findMongod } from '../src/platform/database/mongod-binary.js';
import { HELP, type Options, readOptions } from './chaos/options.js';
import { failedRow, type Row, toTable } from './chaos/report.js';
import { type Plan, runScenario } from './chaos/run-scenario.js';
import type { Scenario } from './chaos/scenario.js';
import { whyNoNetwork } from './chaos/network.js';
import { PROGRAM } from './chaos/server.js';
import type { Violation } from './chaos/violation.js';
import { findProgram } from './support/program-folders.js';
import { Workspace } from './chaos/workspace.js';

const SHOWN_OF_A_KIND_MAX = 3;
const DETAIL_LENGTH_MAX = 1_000;

const progress = Progress.onStderr(process.env);
let workspace: Workspace | undefined;
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    progress.end();
    void Promise.resolve(workspace?.close()).finally(() => process.exit(1));
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.isHelp) console.log(HELP);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  progress.end();
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** Whether every promise was kept in every scenario. */
async function run({ scenarios, ...options }: Options): Promise<boolean> {
  if (!existsSync(PROGRAM)) throw new Error('The product is not built: npm run build');
  const mongod = await findMongod(process.env, (line) => progress.say(line));
  progress.say(`--seed ${options.seed}`);
  const rows: Row[] = [];
  progress.begin('scenarios', scenarios.length);
  for (const scenario of scenarios) {
    progress.doing(scenario.name);
    if (isPlayable(scenario)) rows.push(await runOne(scenario, { ...options, mongod }));
    progress.add();
  }
  progress.end();
  console.log(toTable(rows));
  const left = scenarios.length - rows.length;
  if (left > 0) console.log(`${left} of ${scenarios.length} scenarios were left out.`);
  return rows.every(({ verdict }) => verdict === 'ok');
}

/** Where a program is missing, the scenario is left out with a message; with `CI=true` it fails. Not everybody may make a network: that is left out there, too. */
function isPlayable({ needs = [], needsNetwork = false }: Scenario): boolean {
  const missing = needs.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0 && process.env['CI'] !== 'true') return skip(`it needs ${missing.join(' and ')}`);
  const why = needsNetwork && missing.length === 0 ? whyNoNetwork() : undefined;
  return why === undefined || skip(`it needs a network of its own: ${why}`);
}

function skip(why: string): false {
  progress.say(`SKIPPED: ${why}.`);
  return false;
}

async function runOne(scenario: Scenario, plan: Plan): Promise<Row> {
  const current = new Workspace();
  workspace = current;
  let isGood = false;
  try {
    const { row, violations } = await runScenario(scenario, plan, current);
    report(violations);
    isGood = violations.length === 0;
    return row;
  } catch (error) {
    progress.say(`Off: ${(error as Error).message}`);
    return failedRow(scenario.name);
  } finally {
    await current.close(isGood ? 'nothing' : 'logs');
    if (!isGood && !isInterrupted) progress.say(`Logs and history: ${current.folder}`);
  }
}

function report(violations: readonly Violation[]): void {
  for (const kind of new Set(violations.map((violation) => violation.kind))) {
    const details = violations.filter((violation) => violation.kind === kind).map(({ detail }) => detail);
    for (const detail of details.slice(0, SHOWN_OF_A_KIND_MAX)) {
      progress.say(`Off: ${kind} (one of ${details.length}): ${detail.slice(0, DETAIL_LENGTH_MAX)}`);
    }
  }
}
