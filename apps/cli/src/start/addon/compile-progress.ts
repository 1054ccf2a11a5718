import { readdirSync, readFileSync } from 'node:fs';

/** CPU time that compiling better-sqlite3 takes. Nearly all of it is for one file, sqlite3.c. */
const TYPICAL_CPU_SECONDS = 90;
/** Unit of CPU time in /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100;

/**
 * Describes how far the compilation of better-sqlite3 is. The time that is left follows from the CPU time that the
 * compiler has had, because a busy machine gives it less; without /proc from the elapsed time.
 */
export function createCompileProgress() {
  let groupId = 0;
  let output = '';
  return {
    start: (id: number) => void (groupId = id),
    addOutput: (text: string) => void (output += text),
    describe: (elapsedSeconds: number) =>
      describeCompilation({ output, elapsedSeconds, cpuSeconds: readCpuSeconds(groupId) }),
  };
}

export interface CompilationState {
  /** Of make, which names each file as it starts on it. */
  readonly output: string;
  readonly elapsedSeconds: number;
  readonly cpuSeconds: number | undefined;
}

/** Describes a compilation in one line. */
export function describeCompilation({
  output,
  elapsedSeconds,
  cpuSeconds = elapsedSeconds,
}: CompilationState): string {
  const steps = [...output.matchAll(/^ +(?:CC|CXX|AR|SOLINK_MODULE|COPY)\S* .*?([^/\s]+)$/gm)];
  const current = steps.at(-1)?.[1];
  if (current === undefined || cpuSeconds === 0) return 'preparing to compile';
  const step = `compiling, step ${steps.length} (${current})`;
  const left = Math.ceil((elapsedSeconds / cpuSeconds) * (TYPICAL_CPU_SECONDS - cpuSeconds));
  return `${step}, ${left > 0 ? `about ${left} s left` : 'nearly done'}`;
}

/** The CPU time of the processes of a group, and of those that have ended; undefined without /proc. */
function readCpuSeconds(groupId: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The program's name is in parentheses and may contain spaces. See proc(5) for the columns.
      const columns = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [group, ...times] = [2, 11, 12, 13, 14].map((index) => columns[index] ?? 0);
      if (group === groupId) ticks += times.reduce((sum, time) => sum + time, 0);
    } catch {
      // The process has ended.
    }
  }
  return ticks / TICKS_PER_SECOND;
}
