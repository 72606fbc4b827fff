import { expect, it } from '@jest/globals';
import { BatchShares } from '../../src/bookings/lane/batch-shares.js';

const names = (count: number) => Array.from({ length: count }, (_, index) => `event ${index}`);
const roomFor = (contention: BatchShares, eventId: string) => Math.round(1 / contention.shareOf(eventId));

it('lets half as many events go together after each lost race, down to one', () => {
  const contention = new BatchShares();
  expect(roomFor(contention, 'event 0')).toBe(500);
  for (const together of [64, 32, 16, 8, 4, 2]) {
    contention.lost(names(together));
    expect(roomFor(contention, 'event 0')).toBe(together / 2);
  }
  contention.lost(['event 0']);
  expect(contention.shareOf('event 0')).toBe(1);
});

it('singles out the event that loses again and again', () => {
  const contention = new BatchShares();
  for (let race = 0; race < 10; race++) {
    contention.lost(['hot', ...names(9).map((name) => `${race} ${name}`)]);
  }
  expect(contention.shareOf('hot')).toBe(1);
  expect(roomFor(contention, '9 event 0')).toBe(5);
});

it('forgets lost races as others are won', () => {
  const contention = new BatchShares();
  contention.lost(['hot']);
  for (let race = 0; race < 20; race++) contention.won(['hot'], 5);
  expect(roomFor(contention, 'hot')).toBe(500);
});

it('leaves who has lost alone for about a commit, and who goes alone and has won for about two', () => {
  const contention = new BatchShares();
  for (let race = 0; race < 100; race++) expect(contention.won(['cold'], 20)).toBe(0);
  for (let race = 0; race < 100; race++) {
    const [lost, won] = [contention.lost(['hot']), contention.won(['hot'], 20)];
    expect(lost).toBeGreaterThanOrEqual(9.9);
    expect(lost).toBeLessThan(30.1);
    expect(won).toBeGreaterThanOrEqual(19.9);
    expect(won).toBeLessThan(60.1);
  }
});

it('never waits long because a commit was slow', () => {
  const contention = new BatchShares();
  for (let race = 0; race < 100; race++) contention.won(['hot'], 4_000);
  expect(contention.lost(['hot'])).toBeLessThan(100);
});

it('remembers a thousand events at most', () => {
  const contention = new BatchShares();
  contention.lost(['first']);
  for (const name of names(1_000)) contention.lost([name]);
  expect(contention.shareOf('first')).toBe(1 / 500);
  expect(contention.shareOf('event 0')).toBe(1);
});
