import { describe } from '@jest/globals';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { HoldPulse } from '../../src/holds/index.js';
import { Lease } from '../../src/platform/database/index.js';
import { countSold } from '../support/check-books.js';
import { holdAll, skipping, TTL_SECONDS } from '../support/hold-races.js';
import { checkAnswers, compare, itHolds, times, WALLS, withAnother } from '../support/race.js';
import { SkippingClock } from '../support/skipping-clock.js';

/** Every server has the lease at any time: it saves work, and nothing may depend on it. */
function withLeaseForAll(builder: TestingModuleBuilder): TestingModuleBuilder {
  return builder.overrideProvider(Lease).useValue({ take: () => Promise.resolve(true) });
}

const HOLDS = 60;

describe('two pulses at the same time, while the tickets are wanted again', () => {
  itHolds(
    'end each hold once',
    (running) =>
      withAnother(running, async (other) => {
        const [event] = await holdAll(running, HOLDS);
        SkippingClock.of(running).skip(TTL_SECONDS);

        const servers = [running, other];
        const beats = times(6, (beat) => servers[beat % 2]!.app.get(HoldPulse).settleSome());
        const booked = await Promise.all(times(40, (caller) => servers[caller % 2]!.api.bookUntilAnswered(event._id)));
        await Promise.all(beats);

        const movements = await running.db.collection('movements').find().toArray();
        const ended = movements
          .flatMap(({ lines }) => lines as { kind: string }[])
          .filter(({ kind }) => kind === 'expired');
        return [
          ...(await checkAnswers(running, booked)),
          ...compare('holds ended', HOLDS, ended.length),
          ...compare('tickets sold', 40, await countSold(running.db, event._id)),
        ];
      }),
    [WALLS],
    () => {
      const { override } = skipping();
      return { override: (builder) => withLeaseForAll(override(builder)) };
    },
  );
});
