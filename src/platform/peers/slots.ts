import { createHash } from 'node:crypto';

/** So many that each of a few owners gets about as many as the others. */
const SLOTS = 64;
/**
 * One owner sells for so many servers. To take a request in and to answer it costs several times what it costs to sell in a
 * transaction with many others, and with more owners each of them has fewer others.
 */
const SERVERS_OF_AN_OWNER = 4;

/** The slot of what has this name: whoever owns the slot owns all that is in it. */
export function slotOf(name: string): number {
  return hash(name) % SLOTS;
}

/**
 * The owner of each slot, among these servers: the first ones, by their ids. Where another owner comes or goes, only the
 * slots that it gets or had change their owner.
 */
export function assignSlots(servers: readonly string[]): string[] {
  const owners = servers.toSorted().slice(0, Math.ceil(servers.length / SERVERS_OF_AN_OWNER));
  const bySlot = Array.from({ length: SLOTS }, (_, slot) =>
    owners
      .map((server) => ({ server, weight: hash(`${slot} ${server}`) }))
      .toSorted((one, other) => other.weight - one.weight),
  );
  return bySlot.flatMap(([first]) => (first ? [first.server] : []));
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
