import type { Browser, Page } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/support/chromium.js';
import type { Case } from '../bench.js';
import { compare } from '../measure.js';
import { percentile } from '../support/statistics.js';

const connections = 100;
/** Run in the page: it notes every task that keeps the page from answering for more than 50 ms. */
const WATCH = `globalThis.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });`;
const READ = `({ longTasks, heapMb: performance.memory.usedJSHeapSize / 2 ** 20 })`;

interface Figures {
  readonly longTasks: readonly number[];
  readonly heapMb: number;
}

/** Everybody wants tickets of an event whose page an operator has open. */
export const consoleOpen: Case = async (bench, name) => {
  const path = findChromium();
  if (path === undefined) throw new Error('there is no Chromium on this machine (CHROMIUM_PATH)');
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const browser = await launchChromium(path);
  const figures: Figures[] = [];
  let page: Page | undefined;
  const close = async () => {
    if (page) figures.push(await page.evaluate<Figures>(READ));
    await page?.close();
  };
  const common = { contender, load: { connections }, events: { count: 1 } };
  const comparison = await compare(bench, 'one event that is sold, 100 connections', [
    {
      ...common,
      label: 'with its page open',
      prepare: async ([eventId = '']) => {
        page = await openPage(browser, `${contender.urls[0] ?? ''}/console#/events/${eventId}`);
      },
      around: () => Promise.resolve(close),
    },
    { ...common, label: 'without a console' },
  ]).finally(() => browser.close());
  const most = (values: readonly number[]) => Math.max(0, ...values);
  const longTasks = percentile(
    figures.map((figure) => figure.longTasks.length),
    0.5,
  );
  const longestMs = most(figures.flatMap((figure) => figure.longTasks));
  const heapMb = most(figures.map((figure) => figure.heapMb));
  return {
    name,
    comparisons: [comparison],
    facts: { longTasks, longestMs, heapMb },
    notes: [
      `The page had ${longTasks} tasks of more than 50 ms in a measurement (median), the longest took ${longestMs.toFixed(0)} ms; its heap was at most ${heapMb.toFixed(1)} MB. The browser shares the cores.`,
    ],
  };
};

/** Returns once the page is live. */
async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(WATCH);
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}
