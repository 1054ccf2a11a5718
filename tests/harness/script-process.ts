import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findFreeServicePorts, type ServicePorts } from '@seguridad-abc/cli';
import { SERVICES, type TestPlatform } from './test-platform.js';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

export interface ScriptResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running script of the folder scripts/. */
export interface ScriptProcess {
  readonly child: ChildProcess;
  /** All that it has written to stdout and stderr. */
  getOutput(): string;
  /** Resolves when its output matches; rejects if it ends before. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<ScriptResult>;
  readonly exitCode: Promise<number | null>;
}

export interface ScriptOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
}

const running = new Set<ScriptProcess>();

/** Stops the scripts that a failed test has left running. */
export async function stopScripts(): Promise<void> {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all([...running].map(({ ended }) => ended));
}

/** Starts a script. Without REDIS_URL, `cli.mjs start` runs its own Redis. */
export const startScript = (args: readonly string[], options?: ScriptOptions): ScriptProcess =>
  startProgram(process.execPath, args, options);

/** Starts a program that runs a script, in the project's folder. */
export function startProgram(
  command: string,
  args: readonly string[],
  { env = {}, input = '' }: ScriptOptions = {},
): ScriptProcess {
  const child = spawn(command, [...args], {
    cwd: PROJECT_FOLDER,
    // An empty REDIS_URL overrides a developer's .env file.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], REDIS_URL: '', ...env },
  });
  child.stdin.end(input);
  const written = { stdout: '', stderr: '' };
  let output = '';
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      output += text;
      child.emit('written');
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }));
  const script: ScriptProcess = {
    child,
    getOutput: () => output,
    async waitForOutput(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        const hasEnded = await Promise.race([
          once(child, 'written').then(() => false),
          ended.then(() => true),
        ]);
        if (hasEnded && !pattern.test(output)) {
          throw new Error(`The script ended without ${pattern}:\n${output}`);
        }
      }
    },
    ended,
    exitCode: ended.then(({ code }) => code),
  };
  running.add(script);
  void ended.then(() => running.delete(script));
  return script;
}

/** Starts a command as its npm script does. */
export const startCommand = (
  name: string,
  args: readonly string[] = [],
  options?: ScriptOptions,
): ScriptProcess => startScript(['scripts/cli.mjs', name, ...args], options);

/** Runs a command to its end. */
export const runCommand = (...args: Parameters<typeof startCommand>): Promise<ScriptResult> =>
  startCommand(...args).ended;

/** The settings with which a command uses a platform as its installation. */
export const getInstallationEnv = (platform: TestPlatform): Record<string, string> => ({
  REDIS_URL: platform.redis.url,
  DATA_DIR: platform.folder,
  ...platform.databaseEnv,
  ...Object.fromEntries(
    SERVICES.map((name) => [`${name.toUpperCase()}_PORT`, new URL(platform.getOrigin(name)).port]),
  ),
});

export type { ServicePorts };

/** A free port for each service, by the name of its setting. */
export const findServicePorts = findFreeServicePorts;
