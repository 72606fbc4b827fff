import type { Tracing } from '../../platform/tracing/index.js';
import type { Errand, Owner } from '../lane/errand.js';
import { aboutCommand } from './about-command.js';

type Reports = Awaited<ReturnType<Owner['carryOut']>>;

/** The owner, with a span for each sampled command that is sent there. What the owner itself adds is below that. */
export function traceErrands(owner: Owner, tracing: Tracing): Owner {
  return {
    id: owner.id,
    carryOut: (errand, patienceMs) =>
      errand.commands.some(({ trace }) => trace)
        ? carryOut(owner, errand, patienceMs, tracing)
        : owner.carryOut(errand, patienceMs),
  };
}

async function carryOut(
  owner: Owner,
  { commands, expiresAt }: Errand,
  patienceMs: number,
  tracing: Tracing,
): Promise<Reports> {
  const spans = commands.map(
    (command) =>
      command.trace &&
      tracing.start(command.trace, 'client', { name: `errand ${command.kind}`, attributes: aboutCommand(command) }),
  );
  const traced = commands.map((command, index) => {
    const trace = spans[index]?.context;
    return trace ? { ...command, trace } : command;
  });
  let reports: Reports = 'unanswered';
  try {
    reports = await owner.carryOut({ commands: traced, expiresAt }, patienceMs);
    return reports;
  } finally {
    for (const [index, span] of spans.entries()) {
      const report = reportOf(reports, index);
      span?.set({ 'ticket_booking.errand.report': report });
      span?.end(report === 'undelivered' || report === 'unanswered' ? report : undefined);
    }
  }
}

function reportOf(reports: Reports, index: number): string {
  return typeof reports === 'string' ? reports : (reports[index]?.kind ?? 'unanswered');
}
