import { readFileSync } from 'node:fs';

/** Of Linux: so many ticks a second. */
const TICK_MS = 10;
const PAGE = 4_096;

/** What another process has used so far, as Linux tells it. @param {number} pid */
export function usageOf(pid) {
  const fields =
    readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .split(') ')
      .at(-1)
      ?.split(' ') ?? [];
  // After the name: user time is the 12th field, system time the 13th, pages in memory the 22nd.
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rss: Number(fields[21]) * PAGE,
  };
}
