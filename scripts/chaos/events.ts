import type { Line, Pool } from './history.js';
import type { Random } from './random.js';

const PLENTY = 100_000_000;

/** As `POST /events/create` takes them. Some never run out; the others are sold out most of the time. */
export const EVENTS = [
  { name: 'Arena', totalTickets: PLENTY },
  {
    name: 'Theatre',
    sections: [
      { name: 'Stalls', capacity: PLENTY },
      { name: 'Circle', capacity: PLENTY },
      { name: 'Box', capacity: 40 },
    ],
  },
  { name: 'Club', totalTickets: 60, maxTicketsPerUser: 10 },
  { name: 'Cellar', totalTickets: 25 },
  { name: 'Reading', totalTickets: 5 },
  {
    name: 'Studio',
    maxTicketsPerUser: 10,
    sections: [
      { name: 'Left', capacity: 30 },
      { name: 'Right', capacity: 30 },
      { name: 'Gallery', capacity: 7 },
    ],
  },
] as const;

/** Nobody books it, shows it or watches it. */
export const QUIET_EVENT = { name: 'Attic', totalTickets: 1_000, maxTicketsPerUser: 10 } as const;

/** An event that was created, with the pools that its tickets are in. */
export interface OnSale {
  readonly id: string;
  readonly pools: readonly Pool[];
}

const QUANTITY_MAX = 4;
/** Several lines together stay below what one booking may have. */
const QUANTITY_OF_SEVERAL_MAX = 3;
const SHARE_OF_SEVERAL = 0.4;

/** What a caller may want of an event: up to four tickets of a pool, or some of several sections. */
export function wish({ pools }: OnSale, random: Random): Line[] {
  const wanted = pools.length > 1 && random.isChance(SHARE_OF_SEVERAL) ? random.integer(2, pools.length) : 1;
  const max = wanted > 1 ? QUANTITY_OF_SEVERAL_MAX : QUANTITY_MAX;
  const rest = [...pools];
  return Array.from({ length: wanted }, () => {
    const [pool] = rest.splice(random.integer(0, rest.length - 1), 1);
    return { poolId: pool?.id ?? '', quantity: random.integer(1, max) };
  });
}

/** What somebody may wait for: some tickets of a pool that runs out; undefined where none does. */
export function wishToWait({ pools }: OnSale, random: Random): Line | undefined {
  const scarce = pools.filter(({ capacity }) => capacity < PLENTY);
  if (scarce.length === 0) return undefined;
  return { poolId: random.of(scarce).id, quantity: random.integer(1, QUANTITY_MAX) };
}

/** Whether all of the lines are of pools that run out. */
export function isScarce({ pools }: OnSale, lines: readonly Line[]): boolean {
  return lines.every(({ poolId }) => pools.some(({ id, capacity }) => id === poolId && capacity < PLENTY));
}
