import { describe, expect, it } from '@jest/globals';
import { EventCache } from '../../src/bookings/memory/event-cache.js';
import { FakeClock } from '../support/fake-clock.js';
import { anEvent, byId, idOf } from '../support/factories.js';

const [FIRST, SECOND] = [anEvent({ id: idOf(1) }), anEvent({ id: idOf(2) })];
const READS_AFTER_CHANGE = 100;
const EVENTS_MAX = 1_000;

describe('recent events', () => {
  it('are found as they were kept last', () => {
    const recent = new EventCache(new FakeClock());
    recent.keep([FIRST]);
    const newer = { ...FIRST, revision: FIRST.revision + 1 };
    recent.keep([newer, SECOND]);
    expect(recent.find([FIRST.id, SECOND.id])).toEqual(byId(newer, SECOND));
  });

  it('are found as they were read last, but never as they were before', () => {
    const recent = new EventCache(new FakeClock());
    recent.see([FIRST]);
    expect(recent.find([FIRST.id])).toEqual(byId(FIRST));
    recent.see([{ ...FIRST, revision: FIRST.revision - 1 }]);
    expect(recent.find([FIRST.id, SECOND.id])).toEqual(byId(FIRST));
  });

  it('are not found while another process may write them: until so many transactions have read them first', () => {
    const recent = new EventCache(new FakeClock());
    recent.keep([FIRST, SECOND]);
    recent.see([{ ...FIRST, revision: FIRST.revision + 1 }, SECOND]);
    for (let read = 1; read <= READS_AFTER_CHANGE; read++) {
      expect(recent.find([FIRST.id])).toEqual(byId());
      recent.keep([FIRST]);
    }
    expect(recent.find([FIRST.id])).toEqual(byId(FIRST));
    expect(recent.find([SECOND.id])).toEqual(byId(SECOND));
  });

  it('are not found once they were read more than five seconds ago, whatever was committed since', async () => {
    const clock = new FakeClock();
    const recent = new EventCache(clock);
    recent.see([FIRST]);
    await clock.advance(4_900);
    recent.keep([FIRST]);
    expect(recent.find([FIRST.id])).toEqual(byId(FIRST));
    await clock.advance(200);
    expect(recent.find([FIRST.id])).toEqual(byId());
    recent.see([FIRST]);
    expect(recent.find([FIRST.id])).toEqual(byId(FIRST));
  });

  it('are at most a thousand: the one that was kept longest ago is forgotten', () => {
    const recent = new EventCache(new FakeClock());
    const events = Array.from({ length: EVENTS_MAX }, (_, number) => anEvent({ id: idOf(number + 1) }));
    recent.keep(events);
    recent.keep([events[0]!]);
    recent.keep([anEvent({ id: idOf(EVENTS_MAX + 1) })]);

    expect(recent.find([events[0]!.id]).size).toBe(1);
    expect(recent.find([events[1]!.id]).size).toBe(0);
    expect(recent.find([events[2]!.id]).size).toBe(1);
  });
});
