import { beforeEach, describe, expect, it } from '@jest/globals';
import { Messenger } from '../../src/platform/peers/index.js';
import { FakeClock, settle } from '../support/fake-clock.js';

const [LIFE_MS, PATIENCE_MS] = [1_000, 1_500];

describe('a messenger', () => {
  const texts: string[] = [];
  const asked: unknown[] = [];
  let drops: string[];
  let isThere: boolean;
  let clock: FakeClock;
  let [one, other]: Messenger[] = [];

  const start = (id: string, secret = 'secret') =>
    new Messenger(
      id,
      secret,
      {
        send: (_to, text) => {
          if (isThere) texts.push(text);
          return Promise.resolve(isThere);
        },
      },
      clock,
      (body) => {
        asked.push(body);
        return Promise.resolve({ got: body });
      },
      (why) => drops.push(why),
    );
  beforeEach(() => {
    texts.length = 0;
    asked.length = 0;
    drops = [];
    isThere = true;
    clock = new FakeClock();
    [one, other] = [start('one'), start('other')];
  });

  const ask = (body: unknown) => one!.request('other', body, clock.now().getTime() + LIFE_MS, PATIENCE_MS);
  const nextText = async () => {
    await settle();
    return texts.shift()!;
  };

  it('asks another server, which answers', async () => {
    const answer = ask({ quantity: 1 });
    await other!.take(await nextText());
    await one!.take(await nextText());
    expect(await answer).toEqual({ reply: { got: { quantity: 1 } } });
    expect([asked, drops, clock.pendingTimers]).toEqual([[{ quantity: 1 }], [], 0]);
  });

  it('says that nobody has got it, and that nobody has answered', async () => {
    isThere = false;
    expect(await ask('hello')).toBe('undelivered');
    isThere = true;
    const answer = ask('hello');
    await clock.advance(PATIENCE_MS);
    expect(await answer).toBe('unanswered');
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes a request once, and no older one after it', async () => {
    const first = [void ask('a'), await nextText()][1]!;
    const second = [void ask('b'), await nextText()][1]!;
    for (const text of [second, second, first]) await other!.take(text);
    expect(asked).toEqual(['b']);
    expect(drops).toEqual(['repeated', 'repeated']);
    await clock.advance(PATIENCE_MS);
  });

  it('takes no request that has expired, and no reply that nobody waits for', async () => {
    const answer = ask('a');
    const text = await nextText();
    await clock.advance(LIFE_MS - 1);
    await other!.take(text);
    const reply = await nextText();
    await clock.advance(PATIENCE_MS);
    expect(await answer).toBe('unanswered');
    await one!.take(reply);
    expect(drops).toEqual(['unexpected']);
    void ask('b');
    const late = await nextText();
    await clock.advance(LIFE_MS);
    await other!.take(late);
    expect(drops).toEqual(['unexpected', 'expired']);
    expect(asked).toEqual(['a']);
    await clock.advance(PATIENCE_MS);
  });

  it('takes nothing that was signed by nobody, or changed, or sent to another server', async () => {
    void ask({ userId: 'ann' });
    const text = await nextText();
    const content = text.slice(text.indexOf(' ') + 1);
    for (const forged of [
      text.replace('ann', 'bob'),
      content,
      ` ${content}`,
      '',
      'x y',
      `${'A'.repeat(44)} ${content}`,
    ]) {
      await other!.take(forged);
    }
    expect(new Set(drops)).toEqual(new Set(['forged']));
    await start('other', 'another secret').take(text);
    await start('third').take(text);
    expect(drops.slice(-2)).toEqual(['forged', 'foreign']);
    expect(asked).toEqual([]);
    await clock.advance(PATIENCE_MS);
  });
});
