import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findMongod } from '../../dist/platform/database/mongod-binary.js';

const LAST_LINES = 20;

/**
 * Each test file has databases of its own, with a file for each index. By default mongod keeps them open for ten minutes after
 * their last use: in a quick run they came to more than the 20,000 files that a process may have open, and it ended.
 */
const CLOSES_FILES = [
  'wiredTigerFileHandleCloseIdleTime=20',
  'wiredTigerFileHandleCloseScanInterval=5',
  'wiredTigerFileHandleCloseMinimum=500',
];

/** One real replica set for all test files: each of them uses a database of its own. */
export default async function setup() {
  const binary = await findMongod(process.env, (line) => console.error(line));
  process.env.MONGOMS_SYSTEM_BINARY = binary;
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
  const replicaSet = await MongoMemoryReplSet.create({
    replSet: {
      count: 1,
      storageEngine: 'wiredTiger',
      args: [
        ...['--setParameter', 'transactionLifetimeLimitSeconds=5'],
        ...['--networkMessageCompressors', 'disabled'],
        // Half of the memory is its default; the tests beside it need that as well.
        ...['--wiredTigerCacheSizeGB', '1'],
        ...CLOSES_FILES.flatMap((parameter) => ['--setParameter', parameter]),
      ],
    },
    // The default of 10 s is too short for a busy machine.
    instanceOpts: [{ launchTimeout: 60_000 }],
  });
  sayWhyItEnds(replicaSet);
  globalThis.testReplicaSet = replicaSet;
  process.env.TEST_MONGO_URI = replicaSet.getUri();
}

/** All tests after it fail when it ends before them: this says why. */
function sayWhyItEnds(replicaSet) {
  const { instance } = replicaSet.servers[0].instanceInfo;
  const lines = [];
  instance.on('instanceSTDOUT', (line) => {
    lines.push(line);
    if (lines.length > LAST_LINES) lines.shift();
  });
  instance.on('instanceClosed', (code, signal) => {
    if (globalThis.testReplicaSet === undefined) return;
    console.error(
      `The mongod of the tests ended (${signal ?? `exit code ${code}`}). Its last lines:\n${lines.join('\n')}`,
    );
  });
}
