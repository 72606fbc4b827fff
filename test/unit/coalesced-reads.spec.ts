import { expect, it } from '@jest/globals';
import { CoalescedReads } from '../../src/common/concurrency/coalesced-reads.js';
import { FakeClock, settle } from '../support/fake-clock.js';

/** Reads that are answered when a test says so, in any order. */
function setUp() {
  const clock = new FakeClock();
  const asked: { readonly ids: readonly string[]; answer(): void; fail(error: Error): void }[] = [];
  const reads = new CoalescedReads<string>(clock, (ids) => {
    return new Promise((resolve, reject) => {
      const answer = () => resolve(new Map(ids.map((id) => [id, `read ${asked.length}`])));
      asked.push({ ids, answer, fail: reject });
    });
  });
  const idsAsked = () => asked.map(({ ids }) => ids.join());
  return { clock, asked, reads, idsAsked };
}

it('reads at once where nobody reads', async () => {
  const { asked, reads, idsAsked } = setUp();
  const read = reads.read(['a']);
  await settle();
  expect(idsAsked()).toEqual(['a']);
  asked[0]!.answer();
  expect((await read).get('a')).toBe('read 1');
});

it('reads once for all who ask while another reads, and later than they asked', async () => {
  const { asked, reads, idsAsked } = setUp();
  const first = reads.read(['a']);
  await settle();
  const others = [reads.read(['a']), reads.read(['b']), reads.read(['a', 'c'])];
  await settle();
  expect(idsAsked()).toEqual(['a']);

  asked[0]!.answer();
  await first;
  await settle();
  expect(idsAsked()).toEqual(['a', 'a,b,c']);
  asked[1]!.answer();
  expect((await Promise.all(others)).map((read) => read.get('a'))).toEqual(['read 2', 'read 2', 'read 2']);
});

it('goes on after a read that failed, and fails those alone who shared it', async () => {
  const { asked, reads, idsAsked } = setUp();
  const first = reads.read(['a']);
  await settle();
  const second = reads.read(['b']);
  asked[0]!.fail(new Error('no answer'));
  await expect(first).rejects.toThrow('no answer');
  await settle();
  expect(idsAsked()).toEqual(['a', 'b']);
  asked[1]!.answer();
  expect((await second).has('b')).toBe(true);
});

it('waits a quarter of a second for a read, and starts no more than one in such a time', async () => {
  const { clock, asked, reads, idsAsked } = setUp();
  const first = reads.read(['a']);
  await settle();
  const others = [reads.read(['b']), reads.read(['c'])];
  await clock.advance(249);
  expect(idsAsked()).toEqual(['a']);
  await clock.advance(1);
  expect(idsAsked()).toEqual(['a', 'b,c']);
  const last = reads.read(['d']);
  // That the read given up on is answered after all is nothing to the one that is under way.
  asked[0]!.answer();
  expect((await first).has('a')).toBe(true);
  await settle();
  expect(idsAsked()).toEqual(['a', 'b,c']);

  asked[1]!.answer();
  await Promise.all(others);
  await settle();
  asked[2]!.answer();
  expect((await last).has('d')).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});
