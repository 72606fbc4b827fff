/**
 * Fetches the first item, so that a source that fails at once fails before anything was sent. Returns the same items.
 * Ending the result ends the source. Throws what the source throws.
 */
export async function fetchFirst<Item>(source: AsyncGenerator<Item>): Promise<AsyncIterable<Item>> {
  const first = await source.next();
  let isFirst = true;
  const next = async () => {
    if (!isFirst) return source.next();
    isFirst = false;
    return first;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: () => source.return(undefined) }) };
}
