export default async function teardown() {
  const replicaSet = globalThis.testReplicaSet;
  globalThis.testReplicaSet = undefined;
  await replicaSet?.stop();
}
