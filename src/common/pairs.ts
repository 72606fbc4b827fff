export const METADATA_PAIRS_MAX = 10;

/** A pair of a shop's metadata as it is stored: its key may be any text, which a field's name may not. */
export interface PairRecord {
  readonly key: string;
  readonly value: string;
}

export function fromPairs(pairs: readonly PairRecord[] | undefined): Record<string, string> | undefined {
  return pairs && Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

export function toPairs(metadata: Readonly<Record<string, string>>): PairRecord[] {
  return Object.entries(metadata).map(([key, value]) => ({ key, value }));
}
