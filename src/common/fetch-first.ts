/**
 * The same items, the first of them already fetched: what fails at once fails here, before anything was sent. Whoever takes
 * none of them ends the source all the same.
 * Throws what the source throws.
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
