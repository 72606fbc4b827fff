import { createHash } from 'node:crypto';

/** So many that each of a few servers gets about as many as the others. */
const SLOTS = 64;

/** The slot of what has this name: whoever owns the slot owns all that is in it. */
export function slotOf(name: string): number {
  return hash(name) % SLOTS;
}

/**
 * The owner of each slot, among these servers. Where one comes or goes, only the slots that it gets or had change their owner.
 */
export function assignSlots(servers: readonly string[]): string[] {
  const bySlot = Array.from({ length: SLOTS }, (_, slot) =>
    servers
      .map((server) => ({ server, weight: hash(`${slot} ${server}`) }))
      .toSorted((one, other) => other.weight - one.weight),
  );
  return bySlot.flatMap(([first]) => (first ? [first.server] : []));
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
