import { assert } from '../../common/assert.js';
import type { CommandKind, QueuedCommand } from '../../bookings/index.js';

/** The kind of a command that waits. */
export function kindOf({ kind }: QueuedCommand, kinds: ReadonlyMap<string, CommandKind>): CommandKind {
  const found = kinds.get(kind);
  assert(found, `a kind of command called ${kind} is registered`);
  return found;
}
