import { describe, expect, it } from '@jest/globals';
import { isNoneMatch } from '../../src/common/http/etag.js';
import { linkToNext } from '../../src/common/http/link.js';
import { etagOf } from '../../src/events/event.js';

describe("an event's ETag", () => {
  it('has the version before the dash and the revision behind it', () => {
    expect(etagOf({ version: 2, revision: 17 })).toBe('"2-17"');
  });

  it.each(['"2-17"', 'W/"2-17"', '*', ' * ', '"1-1", "2-17"', 'W/"1-1",W/"2-17"'])('is named by %s', (header) => {
    expect(isNoneMatch(header, '"2-17"')).toBe(true);
  });

  it.each([undefined, '', '2-17', '"2-170"', '"12-17"', '"2-17', '"1-1", "2-16"', '"*"'])('is not by %s', (header) => {
    expect(isNoneMatch(header, '"2-17"')).toBe(false);
  });
});

describe('the link to the next page', () => {
  it('repeats the query, with the new cursor in place of the old one', () => {
    expect(linkToNext('/bookings', { userId: 'a b&c', limit: '2', cursor: 'old', eventId: undefined }, 'new')).toEqual({
      Link: '</bookings?userId=a+b%26c&limit=2&cursor=new>; rel="next"',
    });
  });

  it('is absent at the end', () => {
    expect(linkToNext('/bookings', {}, null)).toEqual({});
  });
});
