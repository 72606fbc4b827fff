import { expect } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

// As texts: they run in the browser.
const FAULTS = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`;
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** The console in a browser. */
export class ConsolePage {
  /** What the browser complained about. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly url: string,
  ) {
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      // A refusal of the API is no fault of the page.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** Opens the page of this server. */
  static async open(
    browser: Browser,
    url: string,
    hash = '',
    options: BrowserContextOptions = {},
  ): Promise<ConsolePage> {
    const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
    const console = new ConsolePage(await context.newPage(), url);
    await console.go(hash);
    return console;
  }

  async go(hash: string): Promise<void> {
    await this.page.goto(`${this.url}/console${hash}`);
  }

  /** Returns once this text can be seen. */
  async sees(text: string | RegExp, within = 'body'): Promise<void> {
    await this.page.locator(within).getByText(text).first().waitFor();
  }

  async click(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name, exact: typeof name === 'string' }).click();
  }

  async fill(label: string | RegExp, text: string): Promise<void> {
    await this.page.getByLabel(label, { exact: typeof label === 'string' }).fill(text);
  }

  /** The value of one of the large figures. */
  async figure(name: string): Promise<string> {
    const figure = this.page.locator('.hero dl > div').filter({ has: this.page.getByText(name, { exact: true }) });
    return ((await figure.locator('dd').textContent()) ?? '').split(' ', 1)[0] ?? '';
  }

  /** What axe finds that is serious, or worse. */
  async faults(): Promise<string[]> {
    // By the debugger, which the page's policy does not bind.
    await this.page.evaluate(axe.source);
    return this.page.evaluate(FAULTS);
  }

  /** How far the page is wider than the window, in pixels. */
  overflow(): Promise<number> {
    return this.page.evaluate(OVERFLOW);
  }

  async expectNoComplaint(): Promise<void> {
    expect(this.complaints).toEqual([]);
    await this.page.context().close();
  }
}
