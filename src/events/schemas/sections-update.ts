import { type mongo, Types } from 'mongoose';
import type { Section } from '../event.js';
import { type Change, type Changes, NO_CHANGE } from '../inventory/movement.js';

const NONE = { capacity: 0, availableTickets: 0, heldTickets: 0, soldTickets: 0 };

/**
 * The update of an event that gets these sections, in this order: a pipeline, because an operator can't change a list and
 * what is in it at once. Counts are added to what is stored, never overwritten.
 */
export function toSectionsUpdate(
  sections: readonly Section[],
  sums: Changes,
  values: Readonly<Record<string, unknown>>,
  unset: readonly string[],
): mongo.Document[] {
  const literals = Object.entries(values).map(([name, value]): [string, unknown] => [name, { $literal: value }]);
  const { capacity, ...counts } = sums.event;
  return [
    {
      $set: {
        ...Object.fromEntries(literals),
        ...added('$', { revision: 1, totalTickets: capacity, ...counts }),
        sections: sections.map((section) => toSection(section, sums.sections.get(section.id) ?? NO_CHANGE)),
      },
    },
    ...(unset.length > 0 ? [{ $unset: [...unset] }] : []),
  ];
}

function toSection({ id, name, price }: Section, change: Change): mongo.Document {
  const _id = new Types.ObjectId(id);
  const stored = { $first: { $filter: { input: '$sections', as: 'each', cond: { $eq: ['$$each._id', _id] } } } };
  const changed = {
    name: { $literal: name },
    // A bare number is the price of the seed's database: it stays stored, and is no price of ours.
    price: price ? { $literal: price } : { $cond: [{ $isNumber: '$$was.price' }, '$$was.price', '$$REMOVE'] },
    ...added('$$was.', change),
  };
  return {
    $let: {
      vars: { was: { $ifNull: [stored, { _id, ...NONE }] } },
      in: { $mergeObjects: [{ $unsetField: { field: 'price', input: '$$was' } }, changed] },
    },
  };
}

/** The sums of what is stored under these names and these numbers. */
function added(holder: string, numbers: Readonly<Record<string, number>> | Change): mongo.Document {
  return Object.fromEntries(Object.entries(numbers).map(([name, by]) => [name, { $add: [`${holder}${name}`, by] }]));
}
