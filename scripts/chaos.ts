import { existsSync } from 'node:fs';
import { findMongod } from '../src/platform/database/mongod-binary.js';
import { HELP, type Options, readOptions } from './chaos/options.js';
import { type Row, toTable } from './chaos/report.js';
import { runScenario } from './chaos/run-scenario.js';
import type { Scenario } from './chaos/scenarios.js';
import { PROGRAM } from './chaos/server.js';
import { Workspace } from './chaos/workspace.js';

const VIOLATIONS_SHOWN_MAX = 20;
const DETAIL_LENGTH_MAX = 1_000;

let workspace: Workspace | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void Promise.resolve(workspace?.close()).finally(() => process.exit(1)));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.isHelp) console.log(HELP);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** Whether every promise was kept in every scenario. */
async function run({ scenarios, ...options }: Options): Promise<boolean> {
  if (!existsSync(PROGRAM)) throw new Error('The product is not built: npm run build');
  const mongod = await findMongod(process.env, (line) => console.error(line));
  console.error(`--seed ${options.seed}`);
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    console.error(`${scenario.name} …`);
    rows.push(await runOne(scenario, { ...options, mongod }));
  }
  console.log(toTable(rows));
  return rows.every(({ verdict }) => verdict === 'ok');
}

async function runOne(scenario: Scenario, plan: Parameters<typeof runScenario>[1]): Promise<Row> {
  const current = new Workspace();
  workspace = current;
  let isGood = false;
  try {
    const { row, violations } = await runScenario(scenario, plan, current);
    for (const { kind, detail } of violations.slice(0, VIOLATIONS_SHOWN_MAX)) {
      console.error(`Off: ${kind}: ${detail.slice(0, DETAIL_LENGTH_MAX)}`);
    }
    isGood = violations.length === 0;
    return row;
  } finally {
    await current.close(isGood ? 'nothing' : 'logs');
    if (!isGood) console.error(`Logs and history: ${current.folder}`);
  }
}
