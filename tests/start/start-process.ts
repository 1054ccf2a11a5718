import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@seguridad-abc/platform/testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface StartProcess {
  readonly pid: number;
  /** All that it has written. */
  output(): string;
  /** Resolves when it has written what matches; rejects if it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

export type Ports = Readonly<
  Record<'GATEWAY_PORT' | 'MONITORING_PORT' | 'REPORTS_PORT' | 'HEARTBEAT_PORT', string>
>;

export const freePorts = async (): Promise<Ports> => ({
  GATEWAY_PORT: String(await freePort()),
  MONITORING_PORT: String(await freePort()),
  REPORTS_PORT: String(await freePort()),
  HEARTBEAT_PORT: String(await freePort()),
});

const started = new Set<StartProcess>();

/** Stops what a test has started and, where it failed, not stopped. */
export async function stopStarted(): Promise<void> {
  for (const startProcess of started) startProcess.signal('SIGTERM');
  await Promise.all([...started].map(({ ended }) => ended));
}

/** What `npm start` runs, or another script like it, with a Redis of its own unless told otherwise. */
export function start(env: Readonly<Record<string, string>>, script = 'scripts/start.mjs'): StartProcess {
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    // Empty, so that a developer's .env does not decide it.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], REDIS_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('written');
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const startProcess: StartProcess = {
    pid: child.pid!,
    output: () => output,
    ended,
    signal: (name) => void child.kill(name),
    async until(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        const over = await Promise.race([once(child, 'written').then(() => false), ended.then(() => true)]);
        if (over && !pattern.test(output)) throw new Error(`It ended without ${pattern}:\n${output}`);
      }
    },
  };
  started.add(startProcess);
  void ended.then(() => started.delete(startProcess));
  return startProcess;
}
