import { count, duration, plural, rate } from '../lib/format.js';
import { type Now, OUTCOME_LABELS, OUTCOMES } from '../lib/outcomes.js';
import type { Operations } from '../lib/types.js';
import type { Polled } from '../lib/use-poll.js';
import { Card, Empty } from '../ui/parts.js';

/** Callers are refused, or don't know what became of their request. */
const BAD = new Set(['limited', 'overload', 'unknown']);

const REFUSALS = 4;
const toWords = (code: string) => code.replaceAll('_', ' ');

/** What the servers do at this moment. */
export function RightNow({ now, operations }: { now: Now | undefined; operations: Polled<Operations> }) {
  const { value } = operations;
  if (!now || !value) {
    return (
      <Card title="Right now">
        <Empty>{operations.failure?.message ?? 'Reading…'}</Empty>
      </Card>
    );
  }
  const refusals = now.refusals.slice(0, REFUSALS).map(({ code, rate: often }) => `${toWords(code)} ${rate(often)}/s`);
  return (
    <Card title="Right now" readAt={operations.readAt}>
      <dl class="lines">
        {OUTCOMES.map((outcome) => (
          <div key={outcome} class={BAD.has(outcome) && now.rates[outcome] > 0 ? 'bad' : ''}>
            <dt>{OUTCOME_LABELS[outcome]}</dt>
            <dd>{rate(now.rates[outcome])}/s</dd>
          </div>
        ))}
        <div class="rule">
          <dt>Latency, median</dt>
          <dd>{now.p50Ms === undefined ? '–' : duration(now.p50Ms)}</dd>
        </div>
        <div>
          <dt>Latency, 99th percentile</dt>
          <dd>{now.p99Ms === undefined ? '–' : duration(now.p99Ms)}</dd>
        </div>
        <div class="rule">
          <dt>Waiting in the lane</dt>
          <dd>{count(now.waiting)}</dd>
        </div>
        <div>
          <dt>Longest wait</dt>
          <dd>{duration(now.oldestWaitMs)}</dd>
        </div>
      </dl>
      <p class={now.isOverloaded ? 'note bad' : 'note muted'}>
        {now.isOverloaded ? 'Overloaded: the server refuses some requests, and tells them when to come again. ' : ''}
        {refusals.length > 0 ? `Refused: ${refusals.join(', ')}. ` : ''}
        {toServers(value)}
      </p>
    </Card>
  );
}

function toServers({ servers, seconds, silentServers }: Operations): string {
  const names = servers.map(({ name }) => name).join(', ');
  const silent = silentServers === 0 ? '' : ` ${plural(silentServers, 'server')} did not answer.`;
  return `Requests, not tickets, of the last ${seconds} s, on ${plural(servers.length, 'server')}: ${names}.${silent} Limits and overload are of all events.`;
}
