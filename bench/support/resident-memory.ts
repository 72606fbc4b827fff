import { readFileSync } from 'node:fs';

/** Of a process, in MB. NaN where the system does not say. */
export function residentMemory(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}
