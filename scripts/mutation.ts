import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { Progress } from '../src/common/progress.js';
import { findMongod } from '../src/platform/database/mongod-binary.js';

/**
 * Runs Stryker on the decisions, on the import's guards, and on the inventory with a MongoDB that the tests of all its mutants
 * share. `npm run mutation -- inventory` runs one of them; other arguments are passed on. Exits as Stryker does.
 */
const PARTS = ['decisions', 'import', 'inventory'];
const progress = Progress.onStderr(process.env);
const args = process.argv.slice(2);
const chosen = PARTS.filter((part) => args[0] === part);
const rest = args.slice(chosen.length);
for (const part of chosen.length > 0 ? chosen : PARTS) {
  const code = await (part === 'inventory' ? withMongo((uri) => runStryker(part, uri)) : runStryker(part));
  if (code !== 0) process.exit(code ?? 1);
}

async function runStryker(part: string, uri?: string): Promise<number | null> {
  const stryker = spawn('node_modules/.bin/stryker', ['run', ...rest], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, MUTATION_PART: part, ...(uri !== undefined && { TEST_MONGO_URI: uri }) },
  });
  let left = 0;
  stryker.on('message', ({ total, tested = 0 }: { total?: number; tested?: number }) => {
    if (total !== undefined) progress.begin(`changes tested, ${part}`, total);
    progress.add(tested);
    left += (total ?? 0) - tested;
    // The report comes next, on stdout.
    if (left === 0) progress.end();
  });
  const [code] = (await once(stryker, 'exit')) as [number | null];
  return code;
}

async function withMongo<Result>(use: (uri: string) => Promise<Result>): Promise<Result> {
  const binary = await findMongod(process.env, (line) => progress.say(line));
  process.env['MONGOMS_SYSTEM_BINARY'] = binary;
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
  const setting = ['--setParameter', 'transactionLifetimeLimitSeconds=5'];
  const mongo = await MongoMemoryReplSet.create({
    replSet: { count: 1, storageEngine: 'wiredTiger', args: setting },
    instanceOpts: [{ launchTimeout: 60_000 }],
  });
  try {
    return await use(mongo.getUri());
  } finally {
    await mongo.stop();
  }
}
