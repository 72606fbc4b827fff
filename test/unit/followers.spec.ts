import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { MOVEMENT_EFFECTS, MOVEMENT_KINDS } from '../../src/events/inventory/movement.js';
import { EFFECTS } from '../support/mirror.js';

/** What the example says that a ticket of each kind does. */
function effectsOfExample(): Record<string, { available?: number; held?: number; sold?: number }> {
  const [, literal] = /const EFFECTS = (\{.*?\n\});/s.exec(readFileSync('examples/follow.mjs', 'utf8'))!;
  return runInNewContext(`(${literal})`);
}

/** The rows of the table in docs/clients.md, by kind: `+`, `−` or nothing for available, held, sold and capacity. */
function effectsOfDocs(): Map<string, number[]> {
  const rows = readFileSync('docs/clients.md', 'utf8').matchAll(/^\| (`\w+`(?:, `\w+`)*) +\|(.*)\|$/gm);
  const signs: Record<string, number> = { '+': 1, '−': -1, '': 0 };
  return new Map(
    [...rows].flatMap(([, kinds = '', cells = '']) =>
      [...kinds.matchAll(/\w+/g)].map(([kind]) => [kind, cells.split('|').map((cell) => signs[cell.trim()]!)]),
    ),
  );
}

describe('whoever follows an event', () => {
  it.each(MOVEMENT_KINDS)('is told what a line of the kind %s does', (kind) => {
    const { availableTickets, heldTickets, soldTickets, capacity } = MOVEMENT_EFFECTS[kind];
    const { available = 0, held = 0, sold = 0 } = effectsOfExample()[kind]!;
    expect([available, held, sold]).toEqual([availableTickets, heldTickets, soldTickets]);
    expect(EFFECTS[kind]).toEqual([availableTickets, heldTickets, soldTickets]);
    expect(effectsOfDocs().get(kind)).toEqual([availableTickets, heldTickets, soldTickets, capacity]);
  });
});
