import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { Progress } from '../src/common/progress.js';
import { findChromium, launchChromium } from './support/chromium.js';
import { buildProduct, startProduct } from './support/product.js';

// Takes the README's pictures of the console, from a sale that runs.
const FOLDER = fileURLToPath(new URL('../docs/', import.meta.url));
const SALE_SECONDS = 45;
const BUYERS = 40;
const DAY_MS = 86_400_000;

const SHOWS = ['Opening Night', 'Winter Gala', 'Poetry Slam', 'City Marathon', 'Open Air Cinema', 'Jazz in the Yard'];

interface Made {
  readonly _id: string;
  readonly sections: readonly { readonly _id: string }[];
}

const path = findChromium();
if (path === undefined) {
  console.error('There is no Chromium on this machine: install it, or set CHROMIUM_PATH.');
  process.exit(1);
}
const progress = Progress.onStderr(process.env);
progress.begin('starting');
buildProduct();
const product = await startProduct();
const { url } = product;
const browser = await launchChromium(path);
try {
  for (const [place, name] of SHOWS.entries()) await fill(await create(name, 600 + place * 250, place), place * 12);
  const event = await create('Concert Night', 3_000, 3);
  progress.begin('a sale');
  const dark = picture(browser, '', 'dark', 'console-dark.png', SALE_SECONDS - 8);
  const light = picture(browser, `#/events/${event._id}`, 'light', 'console-light.png', SALE_SECONDS - 5);
  await sell(event);
  await Promise.all([dark, light]);
} finally {
  progress.end();
  await browser.close();
  await product.stop();
}

async function create(name: string, totalTickets: number, weeks: number): Promise<Made> {
  const startsAt = new Date(Date.now() + (weeks + 1) * 7 * DAY_MS).toISOString();
  const price = (amount: number) => ({ amount, currency: 'EUR' });
  const sections = [
    { name: 'Stalls', capacity: Math.round(totalTickets * 0.3), price: price(8_900) },
    { name: 'Balcony', capacity: Math.round(totalTickets * 0.2), price: price(5_900) },
    { name: 'Standing', capacity: Math.round(totalTickets * 0.5), price: price(3_500) },
  ];
  return (await send<{ event: Made }>('events/create', { name, startsAt, sections })).event;
}

async function fill({ _id: eventId, sections }: Made, bookings: number): Promise<void> {
  for (let user = 0; user < bookings; user++) {
    const sectionId = sections[user % sections.length]?._id;
    await send('book', { eventId, sectionId, userId: `user${user}`, quantity: 1 + (user % 6) });
  }
}

/** A sale with a rush at its beginning: two of three book at once, the others hold, and some of those pay. */
async function sell({ _id: eventId, sections }: Made): Promise<void> {
  const startedAt = Date.now();
  const buyers = Array.from({ length: BUYERS }, async (_, buyer) => {
    for (let number = 0; Date.now() < startedAt + SALE_SECONDS * 1_000; number++) {
      const sectionId = sections[Math.floor(Math.random() * sections.length)]?._id;
      const order = { eventId, sectionId, userId: `user-${buyer}-${number}`, quantity: 1 + (number % 2) };
      if (number % 3 > 0) await send('book', order);
      else {
        const { hold } = await send<{ hold?: { _id: string } }>('holds', { ...order, ttlSeconds: 40 });
        if (hold && Math.random() < 0.6) await send(`holds/${hold._id}/confirm`, {});
      }
      const calm = 0.4 + (Date.now() - startedAt) / (SALE_SECONDS * 1_000);
      await new Promise((done) => setTimeout(done, Math.random() * 2_400 * calm));
    }
  });
  await Promise.all(buyers);
}

async function picture(
  from: Browser,
  hash: string,
  colorScheme: 'light' | 'dark',
  file: string,
  afterSeconds: number,
): Promise<void> {
  const viewport = { width: 1_360, height: hash === '' ? 760 : 1_060 };
  const page = await from.newPage({ viewport, colorScheme, locale: 'en-GB' });
  await page.goto(`${url}/console${hash}`);
  await page.waitForTimeout(afterSeconds * 1_000);
  await page.screenshot({ path: FOLDER + file });
  await page.close();
}

async function send<Body>(route: string, body: object): Promise<Body> {
  const response = await fetch(`${url}/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Body;
}
