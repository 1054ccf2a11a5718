import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in these units (`getconf CLK_TCK`, 100 on all common systems). */
const MS_PER_TICK = 10;
const KIB_PER_MIB = 1_024;
/** Positions in [/proc/pid/stat](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html) after the name. */
const [PARENT, USER_TICKS, SYSTEM_TICKS, REAL_TIME_PRIORITY] = [1, 11, 12, 37];
/** Those of child processes that have ended. */
const [CHILD_USER_TICKS, CHILD_SYSTEM_TICKS] = [13, 14];

/** @param {number} pid */
function readStatFields(pid) {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The real-time priority of a process; 0 if it has a usual one. Linux only. @param {number} pid */
export const readRealTimePriority = (pid) => Number(readStatFields(pid)[REAL_TIME_PRIORITY]);

/** CPU time of a process with all its threads since its start, in milliseconds. Linux only. @param {number} pid */
export function readCpuMs(pid) {
  const fields = readStatFields(pid);
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MS_PER_TICK;
}

/** CPU time of a process and of all its child processes, also of those that have ended, in milliseconds. Linux only. @param {number} pid */
export function readFamilyCpuMs(pid) {
  const own = readStatFields(pid);
  const endedTicks = Number(own[CHILD_USER_TICKS]) + Number(own[CHILD_SYSTEM_TICKS]);
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isChild(Number(name), pid));
  return (
    endedTicks * MS_PER_TICK +
    [pid, ...children.map(Number)].reduce((sum, member) => sum + readCpuMsIfPresent(member), 0)
  );
}

/** @param {number} pid @param {number} parent */
function isChild(pid, parent) {
  try {
    return Number(readStatFields(pid)[PARENT]) === parent;
  } catch {
    // It has just ended.
    return false;
  }
}

/** @param {number} pid */
function readCpuMsIfPresent(pid) {
  try {
    return readCpuMs(pid);
  } catch {
    return 0;
  }
}

/** Memory of a process that is in RAM, in MiB. Linux only. @param {number} pid */
export function readMemoryMib(pid) {
  const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / KIB_PER_MIB;
}

const NS_PER_MS = 1_000_000;

/**
 * CPU time of the main thread of a process since its start, in milliseconds: without its worker threads. Linux only
 * ([sched-stats](https://docs.kernel.org/scheduler/sched-stats.html)).
 * @param {number} pid
 */
export function readMainThreadCpuMs(pid) {
  const [cpuNs] = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/schedstat`, 'utf8').split(' ', 1);
  return Number(cpuNs) / NS_PER_MS;
}
