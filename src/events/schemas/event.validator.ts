import { EVENT_STATUSES } from '../event.js';
import { MOVEMENT_KINDS } from '../inventory/movement.js';

const count = { bsonType: ['int', 'long', 'double'], minimum: 0 };
const counts = { availableTickets: count, heldTickets: count, soldTickets: count };

/** Whether the capacity in the field `capacity` of `holder` is the sum of its counts. */
const balances = (holder: string, capacity: string) => ({
  $eq: [
    `${holder}${capacity}`,
    { $add: [`${holder}availableTickets`, `${holder}heldTickets`, `${holder}soldTickets`] },
  ],
});

/** The second wall behind the guarded update: MongoDB itself refuses an event whose books do not balance (invariant 1). */
export const eventValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: [
      'name',
      'status',
      'totalTickets',
      ...Object.keys(counts),
      'sections',
      'version',
      'revision',
      'createdAt',
    ],
    properties: {
      name: { bsonType: 'string' },
      status: { enum: EVENT_STATUSES },
      totalTickets: count,
      ...counts,
      version: count,
      revision: count,
      createdAt: { bsonType: 'date' },
      sections: {
        bsonType: 'array',
        items: {
          bsonType: 'object',
          required: ['_id', 'name', 'capacity', ...Object.keys(counts)],
          properties: { _id: { bsonType: 'objectId' }, name: { bsonType: 'string' }, capacity: count, ...counts },
        },
      },
    },
  },
  $expr: {
    $and: [
      balances('$', 'totalTickets'),
      { $allElementsTrue: { $map: { input: '$sections', as: 's', in: balances('$$s.', 'capacity') } } },
      {
        $or: [
          { $eq: ['$sections', []] },
          {
            $and: [
              { $eq: ['$totalTickets', { $sum: '$sections.capacity' }] },
              ...Object.keys(counts).map((name) => ({ $eq: [`$${name}`, { $sum: `$sections.${name}` }] })),
            ],
          },
        ],
      },
    ],
  },
};

export const movementValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['eventId', 'revision', 'lines', 'at'],
    properties: {
      eventId: { bsonType: 'objectId' },
      revision: { bsonType: ['int', 'long', 'double'], minimum: 1 },
      lines: {
        bsonType: 'array',
        items: {
          bsonType: 'object',
          required: ['kind', 'quantity'],
          properties: { kind: { enum: MOVEMENT_KINDS }, quantity: { ...count } },
        },
      },
    },
  },
};
