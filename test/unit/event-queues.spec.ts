import { describe, expect, it } from '@jest/globals';
import { EventQueues } from '../../src/bookings/lane/event-queues.js';

const member = (eventId: string, arrival: number, arrivedAt = 0) => ({ eventId, arrival, arrivedAt });

function drain(queues: EventQueues<ReturnType<typeof member>>, eventId: string): number[] {
  const arrivals: number[] = [];
  for (let first = queues.first(eventId); first; first = queues.first(eventId)) {
    arrivals.push(first.arrival);
    queues.remove(first);
  }
  return arrivals;
}

describe('EventQueues', () => {
  it('serves each event in the order of arrival, also who comes back', () => {
    const queues = new EventQueues<ReturnType<typeof member>>();
    for (const arrival of [1, 3, 4]) queues.add(member('a', arrival));
    const back = [member('a', 2), member('a', 5), member('a', 0)];
    for (const one of back) queues.add(one);
    expect(drain(queues, 'a')).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('puts who came earlier elsewhere before those who came later here', () => {
    const queues = new EventQueues<ReturnType<typeof member>>();
    for (const one of [member('a', 1, 10), member('a', 2, 20), member('a', 3, 15), member('a', 4, 5)]) queues.add(one);
    expect(drain(queues, 'a')).toEqual([4, 1, 3, 2]);
  });

  it('counts who waits, in all and for each event', () => {
    const queues = new EventQueues<ReturnType<typeof member>>();
    const [first, second, other] = [member('a', 1), member('a', 2), member('b', 3)];
    for (const one of [first, second, other]) queues.add(one);
    expect([queues.length, queues.lengthOf('a'), queues.lengthOf('b'), queues.lengthOf('c')]).toEqual([3, 2, 1, 0]);
    expect(queues.remove(first)).toBe(true);
    expect(queues.remove(other)).toBe(true);
    expect([queues.length, queues.lengthOf('a'), queues.lengthOf('b')]).toEqual([1, 1, 0]);
    expect(queues.eventIds()).toEqual(['a']);
    expect(queues.first('b')).toBeUndefined();
  });

  it('takes out nobody who does not wait, not even one who looks the same', () => {
    const queues = new EventQueues<ReturnType<typeof member>>();
    const one = member('a', 1);
    queues.add(one);
    expect(queues.remove(member('a', 1))).toBe(false);
    expect(queues.remove(member('b', 1))).toBe(false);
    expect(queues.remove(one)).toBe(true);
    expect(queues.remove(one)).toBe(false);
    expect(queues.length).toBe(0);
  });

  it('takes out whoever is meant from the middle of a queue', () => {
    const queues = new EventQueues<ReturnType<typeof member>>();
    const middle = member('a', 2);
    for (const one of [member('a', 1), middle, member('a', 3)]) queues.add(one);
    queues.remove(middle);
    expect(drain(queues, 'a')).toEqual([1, 3]);
  });

  it('lets an event that has had its turn come last, and one that comes back empty-handed too', () => {
    const queues = new EventQueues<ReturnType<typeof member>>();
    const only = member('a', 1);
    for (const one of [only, member('b', 2), member('c', 3)]) queues.add(one);
    queues.passTurn('b');
    expect(queues.eventIds()).toEqual(['a', 'c', 'b']);
    queues.remove(only);
    queues.passTurn('a');
    expect(queues.eventIds()).toEqual(['c', 'b']);
    queues.add(only);
    expect(queues.eventIds()).toEqual(['c', 'b', 'a']);
  });
});
