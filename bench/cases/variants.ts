import type { Case } from '../bench.js';
import type { Variant } from '../contenders/fleet.js';
import { compare } from '../measure.js';

const KEYED: Variant = { label: 'product', isKeyed: true };
/** A difference of a few in a hundred shows only in many short turns: the machine changes faster than long ones do. */
const TURNS = 3;

/** What a part of the product costs: it with everything, in turns with one that lacks the part. Callers send an API key. */
export function without(part: string, lacking: Omit<Variant, 'label' | 'isKeyed'>): Case {
  return async (bench, name) => {
    const variants = [KEYED, { ...lacking, label: `without ${part}`, isKeyed: true }];
    const contenders = await Promise.all(variants.map((variant) => bench.fleet.getVariant(variant)));
    const entrants = contenders.map((contender) => ({ contender, load: { connections: 100 }, events: { count: 1 } }));
    const { pairs, rampMs, measureMs } = bench.timing;
    const timing = { ...bench.timing, pairs: TURNS * pairs, rampMs: rampMs / TURNS, measureMs: measureMs / TURNS };
    const title = `with and without ${part}, 100 connections`;
    return { name, comparisons: [await compare({ ...bench, timing }, title, entrants)], facts: {}, notes: [] };
  };
}
