import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findMongod } from '../src/platform/database/mongod-binary.js';

/** Runs Stryker beside a MongoDB of its own, which the tests of each mutant share. Ends as Stryker does. */
const binary = await findMongod(process.env, (line) => console.error(line));
process.env['MONGOMS_SYSTEM_BINARY'] = binary;
process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
const args = ['--setParameter', 'transactionLifetimeLimitSeconds=5'];
const mongo = await MongoMemoryReplSet.create({ replSet: { count: 1, storageEngine: 'wiredTiger', args } });
const stryker = spawn('node_modules/.bin/stryker', ['run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TEST_MONGO_URI: mongo.getUri() },
});
const [code] = (await once(stryker, 'exit')) as [number | null];
await mongo.stop();
process.exit(code ?? 1);
