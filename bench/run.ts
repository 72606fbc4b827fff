import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { format, resolveConfig } from 'prettier';
import { buildProduct } from '../scripts/support/product.js';
import { Progress } from '../src/common/progress.js';
import { findMongod } from '../src/platform/database/mongod-binary.js';
import { runAgainst } from './against/against.js';
import { type Bench, type CaseResult, timingOf } from './bench.js';
import { CASES } from './cases/index.js';
import { Fleet } from './contenders/fleet.js';
import { LoadGenerator } from './load/load-generator.js';
import { CASE_NAMES, HELP, type Options, readOptions } from './options.js';
import { toChart } from './report/chart.js';
import { conditions } from './report/machine.js';
import { toMarkdown } from './report/table.js';
import { judge } from './report/targets.js';
import { findCommit } from './support/git.js';
import { startMongo } from './support/mongo.js';
import { startPostgres } from './support/postgres.js';
import { ROOT } from './support/processes.js';
import { Scope } from './support/scope.js';

const RESULTS = join(ROOT, 'docs/benchmarks');
const progress = Progress.onStderr(process.env);

const options = readOrExit();
if (options.isHelp) console.log(HELP);
else await runAndExit(options);

/** The options, where the commit, if any, is named by its full hash. */
function readOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2));
    return options.against === undefined ? options : { ...options, against: findCommit(options.against) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(1);
  }
}

async function runAndExit(options: Options): Promise<never> {
  const scope = new Scope();
  const abort = () => {
    progress.end();
    void scope.close().then(() => process.exit(1));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, abort);
  process.on('uncaughtException', (error) => {
    if (!scope.isClosed) progress.say(String(error.stack));
    abort();
  });
  let hasFailed = false;
  try {
    const { against } = options;
    hasFailed = !(await (against === undefined ? run(options, scope) : runAgainst(against, options, scope, progress)));
  } catch (error) {
    hasFailed = true;
    progress.end();
    // What is ended under way fails in many ways, of which none is news.
    if (!scope.isClosed) console.error((error as Error).stack);
  }
  await scope.close();
  process.exit(hasFailed ? 1 : 0);
}

/** Whether nothing was off. */
async function run(options: Options, scope: Scope): Promise<boolean> {
  buildProduct();
  const mongod = await findMongod(process.env, (line) => progress.say(line));
  const mongo = await startMongo(scope, mongod, 1);
  const postgres = await startPostgres(scope);
  const bench: Bench = {
    scope,
    mongo,
    mongod,
    fleet: new Fleet(scope, { mongo, postgres }, options.isQuick),
    load: LoadGenerator.start(scope),
    timing: timingOf(options),
    faults: [],
    progress: (line) => progress.doing(line),
  };
  progress.begin('cases', options.cases.length);
  const results: CaseResult[] = [];
  await Promise.race([runCases(bench, options, results), sleep(bench.timing.limitMs - performance.now())]);
  progress.end();
  const missing = options.cases.filter((name) => !results.some((result) => result.name === name));
  for (const name of missing) results.push({ name, comparisons: [], facts: {}, notes: ['left out: the time was up.'] });
  const peer = postgres ? `PostgreSQL ${postgres.version}` : 'no PostgreSQL found: it is left out';
  const facts = conditions(`MongoDB ${mongo.version}, ${peer}`);
  const markdown = toMarkdown(results, judge(results), facts);
  console.log(markdown);
  for (const fault of bench.faults) console.error(`Off: ${fault}`);
  const isWhole = !options.isQuick && options.cases.length === CASE_NAMES.length && missing.length === 0;
  if (isWhole && bench.faults.length === 0) await write(markdown, toChart(results, facts));
  return bench.faults.length === 0;
}

async function runCases(bench: Bench, { cases }: Options, results: CaseResult[]): Promise<void> {
  for (const name of cases) {
    progress.doing(name);
    results.push(await CASES[name](bench, name));
    await bench.fleet.dismiss();
    progress.add();
  }
}

async function write(markdown: string, chart: string): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, 'results.md');
  const page = `${markdown}\n\n![Requests a second, case by case](results.svg)\n`;
  writeFileSync(file, await format(page, { ...(await resolveConfig(file)), parser: 'markdown' }));
  writeFileSync(join(RESULTS, 'results.svg'), chart);
  console.error(`Written: ${file}`);
}
