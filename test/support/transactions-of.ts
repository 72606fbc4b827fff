import type { RunningApp } from './start-app.js';

/** How many transactions the server has tried, however they ended. */
export async function transactionsOf({ api }: RunningApp): Promise<number> {
  const text = (await api.get('/metrics')).body as string;
  const counts = [...text.matchAll(/^booking_transactions_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}
