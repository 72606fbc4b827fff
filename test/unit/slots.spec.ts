import { describe, expect, it } from '@jest/globals';
import { assignSlots, slotOf } from '../../src/platform/peers/slots.js';
import { idOf } from '../support/factories.js';

const SERVERS = ['a', 'b', 'c', 'd'];

describe('the owners of slots', () => {
  it('are the servers there are, each of about as many', () => {
    const owners = assignSlots(SERVERS);
    const counts = SERVERS.map((server) => owners.filter((owner) => owner === server).length);
    expect(owners).toHaveLength(64);
    for (const count of counts) expect(count).toBeGreaterThan(6);
    expect(assignSlots([])).toEqual([]);
  });

  it('change only where a server has come or gone', () => {
    const [before, after] = [assignSlots(SERVERS), assignSlots(['d', 'b', 'a'])];
    before.forEach((owner, slot) => {
      if (owner !== 'c') expect(after[slot]).toBe(owner);
    });
  });

  it('are found by the name of what they own, which is in every slot', () => {
    const slots = new Set(Array.from({ length: 2_000 }, (_, number) => slotOf(idOf(number))));
    expect(slots.size).toBe(64);
    expect(Math.max(...slots)).toBeLessThan(64);
  });
});
