import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SERVICES, type Platform } from '../harness/platform.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningTool {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const running = new Set<RunningTool>();

/** Ends what a test has started and, where it failed, not ended. */
export async function stopTools(): Promise<void> {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all([...running].map(({ ended }) => ended));
}

/** Starts a tool as its npm script does. `input` is what it reads from standard input. */
export function startTool(
  name: string,
  args: readonly string[],
  { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): RunningTool {
  const child = spawn(process.execPath, [`scripts/${name}.mjs`, ...args], {
    cwd: ROOT,
    // Empty, so that a developer's .env does not decide it.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], REDIS_URL: '', ...env },
  });
  child.stdin.end(input);
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (written[stream] += text));
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }));
  const tool = { child, ended };
  running.add(tool);
  void ended.then(() => running.delete(tool));
  return tool;
}

export const runTool = (...args: Parameters<typeof startTool>): Promise<Ended> => startTool(...args).ended;

/** The settings by which a tool finds a platform as its own installation. */
export const settingsOf = (platform: Platform): Record<string, string> => ({
  REDIS_URL: platform.redis.url,
  DATA_DIR: platform.folder,
  ...Object.fromEntries(
    SERVICES.map((name) => [`${name.toUpperCase()}_PORT`, new URL(platform.origin(name)).port]),
  ),
});
