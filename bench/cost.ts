import { type Contender, untilSettled } from './contenders/contender.js';
import { cpuTime } from './support/cpu-time.js';
import type { Mongo } from './support/mongo.js';

/** CPU time that a booking has cost, in microseconds. */
export interface Cost {
  readonly serverMicros: number;
  readonly mongodMicros: number;
}

/** For `around` of an entrant: tells what its bookings have cost, from before the load until the last one is there. */
export function aroundCost(contender: Contender, mongod: number, tell: (cost: Cost) => void) {
  return async () => {
    const before = await spentBy(contender, mongod);
    return async () => {
      await untilSettled(contender);
      const after = await spentBy(contender, mongod);
      const bookings = after.bookings - before.bookings;
      tell({
        serverMicros: (after.server - before.server) / bookings,
        mongodMicros: (after.mongod - before.mongod) / bookings,
      });
    };
  };
}

export async function pidOf({ client }: Mongo): Promise<number> {
  const { pid } = await client.db('admin').command({ serverStatus: 1 });
  return Number(pid);
}

async function spentBy({ countRows, pids }: Contender, mongod: number) {
  return { bookings: (await countRows?.()) ?? 0, server: cpuTime(pids[0]), mongod: cpuTime(mongod) };
}
