import type { Api } from './api.js';

/** What a server's metrics say of a series, such as `name` or `name{label="value"}`. One with labels is 0 until it is counted. */
export async function metricOf(api: Api, series: string): Promise<number> {
  const lines = String((await api.get('/metrics')).body).split('\n');
  const line = lines.find((each) => each.startsWith(`${series} `));
  if (line === undefined && !series.includes('{')) throw new Error(`there is no metric ${series}`);
  return Number(line?.slice(series.length + 1) ?? 0);
}
