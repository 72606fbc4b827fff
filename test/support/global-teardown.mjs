export default async function teardown() {
  await globalThis.testReplicaSet?.stop();
}
