import type { Bench, Case, Row, Sample } from '../bench.js';
import type { CancellationsResult } from '../load/cancellations.js';
import { warmUp } from '../measure.js';
import { type Work, workSince } from '../support/commands.js';
import { ratiosOf, spreadOf } from '../support/statistics.js';
import { type Answers, Venue } from './waitlist-venue.js';

const CANCELLATIONS = 100;
const FEW = 100;

/** Short storms are many: the transactions that they become are not always as many. */
const TURNS = 3;

/** A storm that has the server to itself, and what mongod did for each of its cancellations. */
interface Turn {
  readonly storm: CancellationsResult;
  readonly work: Work;
}

/** Many bookings of a sold-out event are cancelled at once. What does that cost where 100,000 wait, and who gets the tickets? */
export const waitlistStorm: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  await warmUp(bench, { contender, load: { connections: CANCELLATIONS }, events: { count: 1 } });
  const { pairs, waiting, stormCancellations: count } = bench.timing;
  const faultsBefore = bench.faults.length;
  const bookings = pairs * ((TURNS + 1) * CANCELLATIONS + count);
  const crowded = await Venue.open(bench, contender, { bookings, waiting, seed: 0 });
  const openSmall = (seed: number) => Venue.open(bench, contender, { bookings: 2 * CANCELLATIONS, waiting: FEW, seed });
  await takeTurn(bench, await openSmall(0), FEW);
  const [many, few, answers]: [Turn[], Turn[], Answers[]] = [[], [], []];
  const [wanted, unwanted]: [CancellationsResult[], CancellationsResult[]] = [[], []];
  for (let seed = 1; seed <= TURNS * pairs; seed++) {
    many.push(await takeTurn(bench, crowded, waiting));
    const small = await openSmall(seed);
    few.push(await takeTurn(bench, small, FEW));
    if (seed % TURNS > 0) continue;
    for (const venue of [crowded, small]) answers.push(await venue.stormBesideThePublic(CANCELLATIONS));
    wanted.push(await crowded.storm(count));
    for (const venue of [crowded, small]) await venue.check();
    const free = await Venue.open(bench, contender, { bookings: count, waiting: 0, seed });
    unwanted.push(await free.storm(count));
    const [withMany, withNobody] = [wanted, unwanted].map((storms) => storms.slice(-1).map(inFigures).join());
    bench.progress(`${count} cancellations: ${inEnglish(waiting)} wait ${withMany}; nobody waits ${withNobody}`);
  }
  const storms = (turns: readonly Turn[]) => turns.map(({ storm }) => storm);
  return {
    name,
    comparisons: [
      {
        title: `${CANCELLATIONS} cancellations at once, ${inEnglish(waiting)} wait or ${FEW}`,
        rows: [toRow('many wait', storms(many)), toRow('few wait', storms(few))],
      },
      {
        title: `${inEnglish(count)} cancellations, ${inEnglish(waiting)} wait`,
        rows: [toRow('many wait', wanted), toRow('nobody waits', unwanted)],
      },
    ],
    facts: {
      commandsRatio: spreadOf(ratiosOf(worksOf(many, 'commands'), worksOf(few, 'commands'))).median,
      faults: bench.faults.length - faultsBefore,
    },
    notes: [
      `Commands to mongod for a cancellation (median): ${inWords('commands', many, few)}. Index keys examined: ${inWords('keys', many, few)}.`,
      `The public was answered beside the storms: ${publicInWords(answers)}.`,
    ],
  };
};

async function takeTurn(bench: Bench, venue: Venue, waiting: number): Promise<Turn> {
  const countWork = await workSince(bench.mongo.client);
  const storm = await venue.storm(CANCELLATIONS);
  const { commands, keys } = await countWork();
  await venue.check();
  const work = { commands: commands / CANCELLATIONS, keys: keys / CANCELLATIONS };
  bench.progress(`${inEnglish(waiting)} wait: ${work.commands} commands for a cancellation, ${inFigures(storm)}`);
  return { storm, work };
}

function inEnglish(count: number): string {
  return count.toLocaleString('en');
}

function worksOf(turns: readonly Turn[], of: keyof Work): number[] {
  return turns.map(({ work }) => work[of]);
}

function inWords(of: keyof Work, many: readonly Turn[], few: readonly Turn[]): string {
  const [ofMany, ofFew] = [many, few].map((turns) => spreadOf(worksOf(turns, of)).median.toFixed(1));
  return `${ofMany} where many wait, ${ofFew} where few wait`;
}

function publicInWords(all: readonly Answers[]): string {
  const sums = new Map<string, number>();
  for (const [answer, count] of all.flatMap((answers) => Object.entries(answers))) {
    sums.set(answer, (sums.get(answer) ?? 0) + count);
  }
  return [...sums].map(([answer, count]) => `${inEnglish(count)} × ${answer}`).join(', ');
}

function inFigures({ cancelled, seconds, p99 }: CancellationsResult): string {
  return `${Math.round(cancelled / seconds)}/s, p99 ${p99.toFixed(1)} ms`;
}

function toRow(contender: string, results: readonly CancellationsResult[]): Row {
  const samples = results.map(({ cancelled, seconds, p50, p99, stalls, others }): Sample => {
    return { rate: cancelled / seconds, p50, p99, stalls, others };
  });
  return { contender, samples };
}
