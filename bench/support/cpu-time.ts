import { readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second here, on every machine that Node.js runs on. */
const MICROSECONDS_PER_TICK = 10_000;
/** After the process's name, which may contain anything. */
const [UTIME, STIME] = [11, 12];

/** CPU time that a process has used since its start, in microseconds. NaN where the system does not say. */
export function cpuTime(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[UTIME]) + Number(fields[STIME])) * MICROSECONDS_PER_TICK;
  } catch {
    return Number.NaN;
  }
}
