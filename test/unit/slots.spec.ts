import { describe, expect, it } from '@jest/globals';
import { assignSlots, slotOf } from '../../src/platform/peers/slots.js';
import { idOf } from '../support/factories.js';

/** Of twelve servers, three are owners. */
const SERVERS = Array.from('abcdefghijkl');
const OWNERS = ['a', 'b', 'c'];

describe('the owners of slots', () => {
  it('are one for each four servers, those that have run for longest, each of about as many', () => {
    const owners = assignSlots(SERVERS.toReversed());
    const counts = OWNERS.map((server) => owners.filter((owner) => owner === server).length);
    expect(owners).toHaveLength(64);
    expect(new Set(owners)).toEqual(new Set(OWNERS));
    for (const count of counts) expect(count).toBeGreaterThan(9);
    expect(assignSlots([])).toEqual([]);
    expect(new Set(assignSlots(['d', 'c', 'b', 'a']))).toEqual(new Set(['a']));
    expect(new Set(assignSlots(['d', 'c', 'e', 'b', 'a']))).toEqual(new Set(['a', 'b']));
  });

  it('change only where an owner has come or gone', () => {
    const before = assignSlots(SERVERS);
    const after = assignSlots(SERVERS.filter((server) => server !== 'c'));
    before.forEach((owner, slot) => {
      if (owner === 'c') expect(['a', 'b', 'd']).toContain(after[slot]);
      else expect([owner, 'd']).toContain(after[slot]);
    });
    // The thirteenth server makes the fourth one an owner.
    assignSlots([...SERVERS, 'm']).forEach((owner, slot) => expect([before[slot], 'd']).toContain(owner));
  });

  it('are found by the name of what they own, which is in every slot', () => {
    const slots = new Set(Array.from({ length: 2_000 }, (_, number) => slotOf(idOf(number))));
    expect(slots.size).toBe(64);
    expect(Math.max(...slots)).toBeLessThan(64);
  });
});
