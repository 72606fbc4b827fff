// A shop that keeps a copy of an event: where its tickets are, and who has what.
// Runs with Node.js alone:  node examples/follow.mjs http://localhost:5000 EVENT_ID mirror.json
// With API keys, API_KEY is one of scope operate. Kill it whenever you like, and start it again: it goes on.
//
// It loses nothing: the feed has every movement of the event in order, and the follower asks for those after the last one it has.
// It doubles nothing: that position is stored with the copy, in one file that is replaced as a whole. A crash leaves the file
// from before a page or the one from after it, so a page that is read again has left nothing behind.
import { open, readFile, rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const [url, eventId, file] = process.argv.slice(2);
const { API_KEY: key, WAIT_MS: waitMs = '1000' } = process.env;

/** What a ticket of a line does to the counts of its pool. */
const EFFECTS = {
  opened: { available: 1 },
  added: { available: 1 },
  removed: { available: -1 },
  imported: { available: -1, sold: 1 },
  booked: { available: -1, sold: 1 },
  cancelled: { available: 1, sold: -1 },
  transferred: {},
  held: { available: -1, held: 1 },
  confirmed: { held: -1, sold: 1 },
  released: { available: 1, held: -1 },
  expired: { available: 1, held: -1 },
  reserved: { available: -1, held: 1 },
  unreserved: { available: 1, held: -1 },
};

/** Reads a page of the feed, however long the server is away or busy. */
async function read(after) {
  for (;;) {
    const headers = key ? { authorization: `Bearer ${key}` } : {};
    // What goes wrong on the way is tried again: reading changes nothing.
    const answer = await fetch(`${url}/events/${eventId}/movements?after=${after}&limit=100`, { headers })
      .then(async (response) => ({ response, body: await response.json() }))
      .catch(() => undefined);
    if (answer?.response.ok) return answer.body;
    const status = answer?.response.status ?? 503;
    if (status !== 503 && status !== 429) throw new Error(`${status} ${answer.body.code}: ${answer.body.message}`);
    await sleep(1_000 * Number(answer?.response.headers.get('retry-after') ?? 1));
  }
}

/** Adds the movements of a page to the copy. */
function take(mirror, { movements, next }) {
  for (const { revision, lines } of movements) {
    if (revision <= mirror.after) throw new Error(`revision ${revision} comes after ${mirror.after}`);
    mirror.after = revision;
    for (const line of lines) takeLine(mirror, line);
  }
  mirror.after = next;
}

function takeLine({ counts, sections, tickets }, { kind, quantity, sectionId, bookingId }) {
  const effect = EFFECTS[kind];
  // To leave out what it does not know would make the copy wrong without a word.
  if (!effect) throw new Error(`a line of the kind ${kind}: this follower is too old`);
  const { available = 0, held = 0, sold = 0 } = effect;
  const add = (pool) => {
    pool.available += available * quantity;
    pool.held += held * quantity;
    pool.sold += sold * quantity;
  };
  add(counts);
  if (sectionId) add((sections[sectionId] ??= { available: 0, held: 0, sold: 0 }));

  // A hold becomes a booking under the same id. A booking from before an import appears in no line but the one that cancels it.
  if (!bookingId || (!tickets[bookingId] && kind !== 'booked' && kind !== 'held')) return;
  const pools = (tickets[bookingId] ??= {});
  const pool = (pools[sectionId ?? ''] ??= { held: 0, sold: 0 });
  pool.held += held * quantity;
  pool.sold += sold * quantity;
  if (pool.held === 0 && pool.sold === 0) delete pools[sectionId ?? ''];
  if (Object.keys(pools).length === 0) delete tickets[bookingId];
}

/** Returns the copy as it was stored last; an empty one at the beginning. */
async function load() {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const empty = { eventId, after: 0, counts: { available: 0, held: 0, sold: 0 }, sections: {}, tickets: {} };
  const mirror = text === undefined ? empty : JSON.parse(text);
  if (mirror.eventId !== eventId) throw new Error(`${file} is a copy of another event: ${mirror.eventId}`);
  return mirror;
}

/** Stores the copy and its position: both, or neither. A database does this with one transaction. */
async function save(mirror) {
  const next = await open(`${file}.next`, 'w');
  await next.writeFile(JSON.stringify(mirror));
  await next.sync();
  await next.close();
  await rename(`${file}.next`, file);
}

const mirror = await load();
for (;;) {
  const page = await read(mirror.after);
  if (page.movements.length > 0) {
    take(mirror, page);
    await save(mirror);
    const { available, held, sold } = mirror.counts;
    console.log(`revision ${mirror.after}: ${available} available, ${held} held, ${sold} sold`);
  }
  if (!page.hasMore) await sleep(Number(waitMs));
}
