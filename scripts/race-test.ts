import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Progress } from '../src/common/progress.js';
import { buildProduct, startProduct } from './support/product.js';

const HELP = `
Usage: npm run race -- [--users 10] [--tickets 5] [--quantity 1] [--url http://localhost:5000] [--pause]

So many users book so many tickets each of one event, all at once. Without --url it starts the product by itself, on a
throw-away database. It recounts the books from the bookings, and ends with 1 when anything is off.
With --pause it names the event's page of the console, and waits for the Enter key before the race begins: open the page and
watch.
A server that asks for a key gets the one in API_KEY, which needs both scopes.
`.trim();

const REQUEST_TIMEOUT_MS = 60_000;
const RETRIES_MAX = 20;
const API_KEY = process.env['API_KEY'];

interface Race {
  readonly users: number;
  readonly tickets: number;
  readonly quantity: number;
  /** Whether it waits before it begins. */
  readonly pauses: boolean;
}

interface Booking {
  readonly _id: string;
  readonly quantity: number;
  readonly status: string;
}

/** The part of the product's answers that the race looks at. */
interface Body {
  readonly code?: string;
  readonly message?: string;
  readonly event?: { readonly _id: string; readonly availableTickets: number; readonly totalTickets: number };
  readonly booking?: Booking;
  readonly bookings?: readonly Booking[];
  readonly balanced?: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: Body;
}

const progress = Progress.onStderr(process.env);
const values = readArguments();

if (values.help) {
  console.log(HELP);
} else {
  const race = {
    users: toCount('users', values.users, 10_000),
    tickets: toCount('tickets', values.tickets, 1_000_000_000),
    quantity: toCount('quantity', values.quantity, 1_000),
    pauses: values.pause,
  };
  const faults = values.url === undefined ? await runOnOwnProduct(race) : await runOn(values.url, race);
  for (const fault of faults) console.error(`Off: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        users: { type: 'string', default: '10' },
        tickets: { type: 'string', default: '5' },
        quantity: { type: 'string', default: '1' },
        url: { type: 'string' },
        pause: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

async function runOnOwnProduct(race: Race): Promise<string[]> {
  buildProduct();
  const product = await startProduct();
  try {
    return await run(product.url, race);
  } finally {
    await product.stop();
  }
}

async function runOn(url: string, race: Race): Promise<string[]> {
  const base = url.replace(/\/$/, '');
  const isServing = await fetch(`${base}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
  return isServing ? run(base, race) : [`no server is ready at ${url} (such as http://localhost:5000)`];
}

/** Runs the race and prints what the seed's script printed. Returns all that is off. */
async function run(url: string, race: Race): Promise<string[]> {
  const { users, tickets, quantity } = race;
  console.log('Starting race condition test...');
  const created = await send(`${url}/events/create`, { name: 'Concert Night', totalTickets: tickets });
  const event = created.body.event;
  if (!event) throw new Error(`the event was not created: ${JSON.stringify(created.body)}`);
  console.log(`Event created: Concert Night (${tickets} tickets)`);
  if (race.pauses) await pause(`${url}/console#/events/${event._id}`);
  console.log(`\nSimulating ${users} concurrent booking requests...\n`);

  progress.begin('requests answered', users);
  const answers = await Promise.all(
    Array.from({ length: users }, async (_, user) => {
      const answer = await book(url, { eventId: event._id, userId: `user${user + 1}`, quantity });
      progress.add();
      return answer;
    }),
  ).finally(() => progress.end());

  const booked = answers.flatMap(({ status, body }) => (status === 201 && body.booking ? [body.booking] : []));
  console.log(`✅ Success: ${booked.length}`);
  console.log(`❌ Failed: ${answers.length - booked.length}`);
  console.log('\nTest completed. Check the results above.');
  return [...checkAnswers(answers), ...(await checkBooks(url, event._id, race, booked))];
}

/** Returns when somebody has pressed Enter. */
async function pause(page: string): Promise<void> {
  console.log(`\nOpen ${page}\nand press Enter to start the race.`);
  const input = createInterface({ input: process.stdin });
  await new Promise((done) => input.once('line', done).once('close', done));
  input.close();
}

/** A 503 says that nothing was done and when to come back: it is no answer yet. */
async function book(url: string, request: object): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(`${url}/book`, request);
    if (answer.status !== 503 || answer.body.code === 'outcome_unknown' || attempt === RETRIES_MAX) return answer;
    await new Promise((done) => setTimeout(done, 500 + Math.random() * 1_000));
  }
}

function checkAnswers(answers: readonly Answer[]): string[] {
  const odd = answers.filter(({ status, body }) => status !== 201 && body.message !== 'No tickets available');
  return odd.map(({ status, body }) => `a booking was answered with ${status} ${JSON.stringify(body)}`);
}

/** The bookings are the truth: the event's counts, and what the callers were told, have to agree with them. */
async function checkBooks(url: string, eventId: string, race: Race, booked: readonly Booking[]): Promise<string[]> {
  const faults: string[] = [];
  const expect = (what: string, expected: number | boolean, found: number | boolean | undefined) => {
    if (expected !== found) faults.push(`${what}: expected ${expected}, found ${String(found)}`);
  };
  const { bookings = [] } = (await send(`${url}/bookings?eventId=${eventId}`)).body;
  const { event } = (await send(`${url}/events/${eventId}`)).body;
  const sold = bookings.reduce((sum, { status, quantity }) => sum + (status === 'confirmed' ? quantity : 0), 0);
  const stored = new Set(bookings.map((booking) => booking._id));

  expect('tickets sold', Math.min(race.users, Math.floor(race.tickets / race.quantity)) * race.quantity, sold);
  expect('available tickets', race.tickets - sold, event?.availableTickets);
  expect('acknowledged bookings that are stored', booked.length, booked.filter(({ _id }) => stored.has(_id)).length);
  expect('different bookings acknowledged', booked.length, new Set(booked.map(({ _id }) => _id)).size);
  expect('stored bookings', booked.length, bookings.length);
  expect('recount balances', true, (await send(`${url}/events/${eventId}/integrity`)).body.balanced);
  return faults;
}

async function send(url: string, body?: object): Promise<Answer> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(API_KEY && { authorization: `Bearer ${API_KEY}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

function toCount(name: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  console.error(`--${name} must be a whole number from 1 to ${max}`);
  process.exit(2);
}
