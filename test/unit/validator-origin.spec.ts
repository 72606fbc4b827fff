import { describe, expect, it } from '@jest/globals';
import { collections } from '../../src/app/database-schema.js';
import { fingerprintOf, originOf, toStored, type Validator } from '../../src/platform/database/schema/validator.js';

const rules = (maximum: number) => ({ $jsonSchema: { bsonType: 'object', properties: { count: { maximum } } } });
const release = (version: number): Validator => ({ version, rules: rules(version), unmarked: [] });

describe('the origin of a validator', () => {
  it.each([
    ['missing', undefined],
    ['missing', {}],
    ['current', toStored(release(2))],
    ['current', rules(2)],
    ['older', toStored(release(1))],
    ['newer', toStored(release(3))],
    ['foreign', { count: { $lt: 3 } }],
    ['foreign', rules(1)],
    ['foreign', { ...toStored(release(1)), extra: 1 }],
  ])('is %s: %j', (origin, stored) => {
    expect(originOf(stored, release(2))).toBe(origin);
  });

  it('is an older release of ours by its fingerprint, where that release did not mark it', () => {
    expect(originOf(rules(1), { ...release(2), unmarked: [fingerprintOf(rules(1))] })).toBe('older');
  });

  it('replaces rules that changed without a new version', () => {
    expect(originOf(toStored({ ...release(2), rules: rules(1) }), release(2))).toBe('older');
  });
});

describe('a declared validator', () => {
  /** When one of these changes, raise the version in its declaration, and write the new fingerprint here. */
  it('has a new version with every change of its rules', () => {
    const declared = collections.map(({ name, validator }) => [
      name,
      validator?.version,
      validator && fingerprintOf(validator.rules),
    ]);
    expect(declared).toEqual([
      ['events', 1, '499da56721409521'],
      ['movements', 4, 'dab8b53bc200ee9c'],
      ['eventEdits', 1, '522d88910ffe66bd'],
      ['bookings', 1, 'ca1ec74d29100e36'],
      ['bookingChanges', 1, 'a4f781367eab41de'],
      ['userTickets', 1, 'f5e33ae39e898552'],
      ['holds', 1, '797aa6ea78fe6cb7'],
      ['waitlistEntries', 1, '531203915d4948a7'],
      ['requests', 1, '3caa8d7e6333c4e1'],
      ['erasures', 1, '65ed65a2f53c5d9e'],
      ['apiKeys', 1, '63b49a9d0d656aee'],
      ['secrets', undefined, undefined],
    ]);
  });
});
