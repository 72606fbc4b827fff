// A small shop's checkout: hold, pay, confirm; and what becomes of a payment that comes too late.
// Runs with Node.js alone:  node examples/checkout.mjs http://localhost:5000
// With API keys: API_KEY is the shop's (scope sell), OPERATOR_KEY creates the event and lists refunds (scope operate).
import { setTimeout as sleep } from 'node:timers/promises';

const url = process.argv[2] ?? 'http://localhost:5000';
const { API_KEY: shopKey, OPERATOR_KEY: operatorKey = shopKey } = process.env;

/** Sends a request until the answer is definite: a 503 says when to try again. */
async function send(method, path, body, { key = shopKey, idempotencyKey } = {}) {
  for (;;) {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(key && { authorization: `Bearer ${key}` }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status !== 503) return { status: response.status, ...(await response.json()) };
    await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1));
  }
}

/** Keeps tickets for a buyer who goes to the till. */
function hold(eventId, userId, ttlSeconds) {
  return send(
    'POST',
    '/holds',
    { eventId, userId, quantity: 1, ttlSeconds },
    { idempotencyKey: `cart-${eventId}-${userId}` },
  );
}

/** What the shop does when its payment provider says "paid", however late and however often it says so. */
async function onPaid(holdId, paymentReference) {
  const answer = await send('POST', `/holds/${holdId}/confirm`, { paymentReference });
  if (answer.success) return `booked as ${answer.booking._id}`;
  // The server keeps in mind that this payment bought nothing: the shop finds it in its list of refunds.
  return `${answer.code}: to be refunded`;
}

/** The shop's evening job: gives back what is due, then takes it off the list. */
async function refundAll(giveBack) {
  const { holds } = await send('GET', '/holds?settlement=refund_due', undefined, { key: operatorKey });
  for (const { _id, settlements } of holds) {
    for (const { paymentReference, outcome } of settlements) if (outcome === 'refund_due') giveBack(paymentReference);
    await send('POST', `/holds/${_id}/settled`, undefined, { key: operatorKey });
  }
}

function expect(what, isSo) {
  if (!isSo) throw new Error(`not so: ${what}`);
  console.log(`ok: ${what}`);
}

const { event } = await send('POST', '/events/create', { name: 'Late Show', totalTickets: 1 }, { key: operatorKey });
const run = event._id;

// Ann holds the last ticket for two seconds, and her bank is slow.
const ann = await hold(event._id, 'ann', 2);
expect('Ann holds the last ticket', ann.status === 201);
expect('Bob hears that there is none', (await hold(event._id, 'bob', 60)).code === 'sold_out');
await sleep(2_500);

// Her time is over: nobody has to clean up for the next one to get the ticket.
const carol = await hold(event._id, 'carol', 60);
expect('Carol holds it as soon as it is free', carol.status === 201);
expect('her payment books it', (await onPaid(carol.hold._id, `pay-carol-${run}`)).startsWith('booked'));

// Now Ann's payment arrives, twice, as webhooks do.
for (const time of ['first', 'second']) {
  const end = await onPaid(ann.hold._id, `pay-ann-${run}`);
  expect(`Ann's late payment ends the same the ${time} time`, end === 'hold_expired: to be refunded');
}
const refunded = [];
await refundAll((paymentReference) => refunded.push(paymentReference));
expect('her payment is given back, once', refunded.filter((each) => each === `pay-ann-${run}`).length === 1);
await refundAll((paymentReference) => refunded.push(paymentReference));
expect('and is off the list', refunded.filter((each) => each === `pay-ann-${run}`).length === 1);

const { balanced } = await send('GET', `/events/${event._id}/integrity`, undefined, { key: operatorKey });
expect('the books balance', balanced === true);
