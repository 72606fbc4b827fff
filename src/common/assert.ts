/** Throws when only a bug could have made `condition` false; what the world can break is handled instead. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
